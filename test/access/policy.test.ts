import assert from 'node:assert/strict';
import { type Department, departments, type Role, roles, type UserIdentity } from '../../nodes/access/messages.ts';
import { actionRule, can, declareActions, declaredActions, declarePages, pagesOf } from '../../nodes/access/policy.ts';

type Person = Pick<UserIdentity, 'roles' | 'departments' | 'machines'>;
const person = (role: Role, department?: Department): Person => ({
  roles: [role],
  departments: department ? [department] : [],
  machines: [],
});

/** Everybody who exists in the factory: each role, operators once for each department. */
const people: Readonly<Record<string, Person>> = Object.fromEntries([
  ...roles.filter((role) => role !== 'operator').map((role) => [role, person(role)] as const),
  ...departments.map((department) => [`operator:${department}`, person('operator', department)] as const),
]);
const all = Object.keys(people);
const readers = [
  'admin',
  'supervisor',
  'operator:production',
  'qc',
  'qc-supervisor',
  'warehouse',
  'manager',
  'display',
];
const leaders = ['admin', 'supervisor'];
const workers = all.filter((name) => name !== 'manager' && name !== 'display');
const administrators = ['admin'];
const ctpPeople = ['admin', 'supervisor', 'ctp', 'maintenance', 'manager'];
const machineWatchers = [
  'admin',
  'supervisor',
  'maintenance',
  'operator:production',
  'qc',
  'qc-supervisor',
  'manager',
  'display',
];
const administratorsAndManager = ['admin', 'manager'];

/** Who may do what, written out: a change of the policy must be made here too. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'page:batches': readers,
  'page:users': administratorsAndManager,
  'page:ctp': ctpPeople,
  'page:ctp-machine': ctpPeople,
  'page:andon': [...ctpPeople, 'display'],
  'page:production': machineWatchers,
  'page:health': machineWatchers,
  'batch.read': readers,
  'history.read': readers,
  'task.read': readers,
  'batch.retry': leaders,
  'batch.reset': leaders,
  'batch.cancel': leaders,
  'batch.correct': leaders,
  'batch.clear': leaders,
  'task.run': leaders,
  'notification.read': all,
  'notification.mark': all.filter((name) => name !== 'display'),
  'account.own': all.filter((name) => name !== 'display'),
  'notification.send': leaders,
  'users.read': administratorsAndManager,
  'users.manage': administrators,
  'tokens.read': administratorsAndManager,
  'tokens.manage': administrators,
  'audit.read': administratorsAndManager,
  'metrics.read': administratorsAndManager,
  'editor.use': administrators,
  'widget.act': workers,
  'route.act': workers,
};

describe('the policy', () => {
  it('is written out for every action', () => {
    const undecided = Object.keys(expected).filter((action) => !declaredActions().includes(action));
    assert.deepEqual(undecided, []);
  });

  for (const [action, allowed] of Object.entries(expected)) {
    it(`lets do ${action}: ${allowed.length === all.length ? 'everybody' : allowed.join(', ')}`, () => {
      const found = all.filter((name) => can(people[name] ?? person('display'), action));
      assert.deepEqual(found.sort(), [...allowed].sort());
    });
  }

  it('lets nobody do what it does not know, token and administrator included', () => {
    for (const action of [
      '',
      'batch',
      'batch.*',
      '*',
      'page:',
      'page:nowhere',
      'constructor',
      '__proto__',
      'toString',
    ]) {
      assert.ok(!all.some((name) => can(people[name] ?? person('display'), action)), action);
      assert.equal(can({ scopes: ['*', action] }, action), false, action);
    }
  });

  it('lets somebody without a role, or with one of another version, do nothing', () => {
    const strangers: readonly Person[] = [
      { roles: [], departments: ['production'], machines: [] },
      { roles: ['boss' as Role], departments: [], machines: [] },
    ];
    for (const stranger of strangers) {
      assert.deepEqual(
        declaredActions().filter((action) => can(stranger, action)),
        [],
      );
    }
  });

  it('gives an operator without a department nothing that belongs to one', () => {
    assert.equal(can(person('operator'), 'batch.read'), false);
  });

  it('holds an operator to the own machines and departments, and a supervisor to none', () => {
    declareActions({ 'test.machine': { kind: 'act', granted: ['operator', 'supervisor'] } });
    const operator: Person = { roles: ['operator'], departments: ['sewing'], machines: ['S1'] };
    assert.equal(can(operator, 'test.machine', { machine: 'S1' }), true);
    assert.equal(can(operator, 'test.machine', { machine: 'S2' }), false);
    assert.equal(can(operator, 'test.machine', { department: 'sewing' }), true);
    assert.equal(can(operator, 'test.machine', { department: 'packing' }), false);
    assert.equal(can(person('supervisor'), 'test.machine', { machine: 'S2', department: 'packing' }), true);
  });

  it('holds the people of the plate room to their own machines, whatever their department', () => {
    declareActions({ 'test.plate': { kind: 'act', granted: ['ctp', 'maintenance'] } });
    const ctp: Person = { roles: ['ctp'], departments: [], machines: ['suprasetter'] };
    assert.equal(can(ctp, 'test.plate'), true);
    assert.equal(can(ctp, 'test.plate', { machine: 'suprasetter' }), true);
    assert.equal(can(ctp, 'test.plate', { machine: 'platesetter' }), false);
    assert.equal(can({ ...ctp, machines: [] }, 'test.plate', { machine: 'suprasetter' }), false);
    assert.equal(can(ctp, 'test.plate', { machine: 'suprasetter', department: 'packing' }), true);
    const both: Person = { ...ctp, roles: ['ctp', 'maintenance'] };
    assert.equal(can(both, 'test.plate', { machine: 'platesetter' }), true);
  });

  it('adds the rights of several roles', () => {
    const both: Person = { roles: ['display', 'warehouse'], departments: [], machines: [] };
    assert.equal(can(both, 'widget.act'), true);
    assert.equal(can(both, 'batch.retry'), false);
  });

  it('gives a token its scopes and nothing else', () => {
    assert.equal(can({ scopes: ['batch.read'] }, 'batch.read'), true);
    assert.equal(can({ scopes: ['batch.read'] }, 'batch.retry'), false);
    assert.equal(can({ scopes: ['*'] }, 'batch.retry'), true);
    assert.equal(can({ scopes: [] }, 'notification.read'), false);
  });

  it('takes a page of the plant, and shows it to those it names and to managers', () => {
    declarePages({ 'test-page': ['qc'] });
    const seeing = all.filter((name) => pagesOf(people[name] ?? person('display')).includes('test-page'));
    assert.deepEqual(seeing.sort(), ['manager', 'qc']);
    assert.equal(actionRule('page:test-page')?.kind, 'read');
  });

  it('never takes an act for managers or wall screens, nor an action twice', () => {
    assert.throws(() => declareActions({ 'test.act': { kind: 'act', granted: ['manager'] } }), /neither managers/);
    assert.throws(() => declareActions({ 'test.act': { kind: 'act', granted: ['display'] } }), /neither managers/);
    assert.throws(() => declareActions({ 'batch.retry': { kind: 'act', granted: ['qc'] } }), /declared twice/);
  });
});
