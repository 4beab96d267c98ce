// Nobody gives more than they have: administrators are made by administrators, and tokens get no scope beyond their maker's.
import assert from 'node:assert/strict';
import type { Subject } from '../../nodes/access/policy.ts';
import { runUserAdmin } from '../../nodes/access/user-admin-commands.ts';
import { onEachEngine, system } from './support/engines.ts';

const narrow: Subject = { scopes: ['users.manage', 'tokens.manage', 'batch.read'] };
const admin: Subject = { roles: ['admin'], departments: [], machines: [] };

onEachEngine('somebody who administers', (world) => {
  const run = (command: object, giver?: Subject) =>
    runUserAdmin(world().access, command as Parameters<typeof runUserAdmin>[1], system, giver);
  const person = { name: 'New', password: 'gerobak biru tua' };

  it('makes no administrator with the right to manage users alone, and changes none', async () => {
    const { users } = await world().access.ready();
    const chief = (await users.list()).find(({ login }) => login === 'admin');
    assert.ok(chief);
    const { id, version } = chief;
    const made = (await run({ command: 'create', login: 'qc-1', roles: ['qc'], ...person }, narrow)).data as {
      id: string;
    };
    for (const command of [
      { command: 'create', login: 'boss', roles: ['admin'], ...person },
      { command: 'create', login: 'boss', roles: ['qc', 'admin'], ...person },
      { command: 'change', id: made.id, version: 1, roles: ['admin'] },
      { command: 'change', id, version, roles: ['qc'] },
      { command: 'reset-password', id },
      { command: 'set-pin', id, pin: '620493' },
      { command: 'set-badge', id, badge: 'B-0001' },
      { command: 'lock', id },
      { command: 'unlock', id },
      { command: 'end-sessions', id },
    ]) {
      await assert.rejects(run(command, narrow), { code: 'forbidden' }, JSON.stringify(command));
      if (command.command !== 'lock' && command.command !== 'change' && command.command !== 'create') {
        assert.ok(await run(command, admin));
      }
    }
    assert.ok(await run({ command: 'create', login: 'boss', roles: ['admin'], ...person }, admin));
    assert.ok(
      await run({ command: 'create', login: 'chief', roles: ['admin'], ...person }),
      'the flow is the engineer',
    );
  });

  it('gives a token only scopes of the own', async () => {
    for (const scopes of [['*'], ['editor.use'], ['batch.read', 'batch.cancel']]) {
      await assert.rejects(run({ command: 'create-token', name: 'x', scopes }, narrow), { code: 'forbidden' });
      assert.ok(await run({ command: 'create-token', name: 'x', scopes }, admin));
    }
    assert.ok(await run({ command: 'create-token', name: 'x', scopes: ['batch.read'] }, narrow));
    await assert.rejects(run({ command: 'create-token', name: 'x', scopes: 'batch.read' }, narrow), {
      code: 'invalid-input',
    });
  });
});
