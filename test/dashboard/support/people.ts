// People as a page sees them, for tests that are about the page and not about the rights.
import type { PageSetup } from '../../../nodes/access/messages.ts';

export const leader: PageSetup = {
  user: {
    id: 'u-1',
    login: 'sari',
    name: 'Sari Wulandari',
    roles: ['supervisor'],
    departments: [],
    machines: [],
    language: 'id',
  },
  permissions: [
    'batch.read',
    'history.read',
    'batch.retry',
    'batch.reset',
    'batch.cancel',
    'batch.correct',
    'batch.clear',
    'task.run',
    'page:batches',
  ],
  pages: ['batches'],
  timeZone: 'Asia/Jakarta',
  loginPath: '/login',
  logoutPath: '/logout',
};

/** Sees everything on the board and may do nothing. */
export const reader: PageSetup = {
  ...leader,
  user: {
    ...leader.user,
    id: 'u-2',
    login: 'budi',
    name: 'Budi Santoso',
    roles: ['operator'],
    departments: ['production'],
  },
  permissions: ['batch.read', 'history.read', 'page:batches'],
};
