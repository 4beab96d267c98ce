// Lists of the contract that a page needs as values; the types tie them to it.
import type { firstCategories, MachineStatus, Severity, TechnicianType } from '../../nodes/ctp/messages.ts';

export const severities: readonly Severity[] = ['stop', 'slow', 'minor'];
export const machineStatuses: readonly MachineStatus[] = ['active', 'maintenance', 'cleaning', 'offline'];
export const technicianTypes: readonly TechnicianType[] = ['lokal', 'vendor', 'none'];

const first: readonly (typeof firstCategories)[number][] = [
  'mechanical',
  'electrical',
  'laser',
  'processor',
  'software',
  'material',
  'cleaning',
  'utility',
  'other',
];
export const categories: readonly string[] = first;
