// Who asks, and what that one may do to which machine: rights are read before a transaction begins, never inside one.
import type { Action } from '../access/messages.ts';
import type { Resource } from '../access/policy.ts';
import type { Actor } from '../core/actor.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { MachineRow } from './problem.ts';
import type { EditRights } from './problem-rules.ts';
import type { MachineScope } from './queries/filter.ts';

export interface Asker {
  readonly actor: Actor;
  readonly may: (action: Action, resource?: Resource) => Promise<boolean>;
}

type Named = Pick<MachineRow, 'id' | 'nickname' | 'name'>;

/** Machines that the asker may do `action` to. */
export async function scopeOf(asker: Asker, action: Action, machines: readonly Named[]): Promise<MachineScope> {
  if (await asker.may('ctp.all-machines')) return 'all';
  const allowed: number[] = [];
  for (const { id, nickname } of machines) if (await asker.may(action, { machine: nickname })) allowed.push(id);
  return allowed;
}

/** Rejects with 403 when `action` is not the asker's on this machine. */
export async function needMachine(asker: Asker, action: Action, machine: Named): Promise<void> {
  if (await asker.may(action, { machine: machine.nickname })) return;
  throw new ShopfloorError('forbidden', 403, `${asker.actor.name} may not do this at ${machine.name} (${action}).`, {
    hint: 'Ask an administrator for the machine.',
  });
}

export async function editRights(asker: Asker, machine: Named): Promise<EditRights> {
  const on = { machine: machine.nickname };
  return {
    leads: await asker.may('ctp.lead', on),
    own: await asker.may('ctp.own', on),
    repairs: await asker.may('ctp.repair', on),
  };
}
