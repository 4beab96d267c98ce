import assert from 'node:assert/strict';
import { type Role, roles } from '../../nodes/access/messages.ts';
import { can, declaredActions, pagesOf } from '../../nodes/access/policy.ts';
import { ctpActions } from '../../nodes/ctp/ctp-actions.ts';

const leaders = ['admin', 'supervisor'];
const department = [...leaders, 'ctp', 'maintenance'];
const readers = [...department, 'manager'];

/** Who may do what, written out: a change of the policy must be made here too. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'ctp.read': readers,
  'ctp.export': readers,
  'ctp.board': [...readers, 'display'],
  'ctp.all-machines': [...leaders, 'maintenance', 'manager'],
  'ctp.report': [...leaders, 'ctp'],
  'ctp.correct': department,
  'ctp.complete': department,
  'ctp.lead': leaders,
  'ctp.own': [...leaders, 'ctp'],
  'ctp.repair': [...leaders, 'maintenance'],
  'ctp.reopen': leaders,
  'ctp.void': leaders,
  'ctp.status': [...leaders, 'ctp'],
  'ctp.configure': leaders,
  'ctp.clock': ['admin'],
};

/** Everybody at every machine of the department; an operator of production stands for the other departments. */
const person = (role: Role) => ({ roles: [role], departments: ['production' as const], machines: ['suprasetter'] });

describe('the rights of Log CTP', () => {
  it('are written out for every action', () => {
    const declared = declaredActions().filter((action) => action.startsWith('ctp.'));
    assert.deepEqual(declared, Object.keys(expected).sort());
    for (const action of Object.values(ctpActions)) assert.ok(action in expected, action);
  });

  for (const [action, allowed] of Object.entries(expected)) {
    it(`lets do ${action}: ${allowed.join(', ')}`, () => {
      const found = roles.filter((role) => can(person(role), action, { machine: 'suprasetter' }));
      assert.deepEqual([...found].sort(), [...allowed].sort());
    });
  }

  it('end for ctp at machines of others, and for nobody else', () => {
    for (const [action, allowed] of Object.entries(expected)) {
      const found = roles.filter((role) => can(person(role), action, { machine: 'trendsetter' }));
      assert.deepEqual([...found].sort(), allowed.filter((role) => role !== 'ctp').sort(), action);
    }
  });

  it('show a wall screen of the department every machine on the board, and the log of its own machines only', () => {
    const both = { roles: ['ctp', 'display'] as const, departments: [], machines: ['suprasetter'] };
    const at = { machine: 'trendsetter' };
    assert.deepEqual(
      [
        can(both, 'ctp.board', at),
        can(both, 'ctp.read', at),
        can(both, 'ctp.export', at),
        can(both, 'ctp.all-machines'),
      ],
      [true, false, false, false],
    );
  });

  it('show the pages to the department and to managers, and the wall to wall screens', () => {
    const seeing = (page: string) => roles.filter((role) => pagesOf(person(role)).includes(page)).sort();
    assert.deepEqual([seeing('ctp'), seeing('ctp-machine')], [[...readers].sort(), [...readers].sort()]);
    assert.deepEqual(seeing('andon'), [...readers, 'display'].sort());
  });
});
