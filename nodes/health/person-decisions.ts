// What people decide about alarms and components, and the event that each decision leaves.
import type { Actor } from '../core/actor.ts';
import { ShopfloorError } from '../core/errors.ts';
import { componentHealth, registeredComponent } from './component-health.ts';
import { type ComponentJudge, inUse } from './component-judge.ts';
import type { ComponentRecord } from './component-registry.ts';
import type { HealthRecords } from './health-store.ts';
import type { ComponentHealth, HealthCommand, RegisteredComponent } from './messages.ts';
import { newTriggerState, type TriggerInput } from './trigger.ts';

export type PersonCommand = Extract<
  HealthCommand,
  { readonly command: 'acknowledge' | 'shelve' | 'unshelve' | 'suppress' | 'unsuppress' | 'configure' }
>;

type AlarmCommand = Exclude<PersonCommand, { readonly command: 'configure' }>;

/** Throws 404 for a component that is not registered, 409 where the alarm is not in a state for it. */
export async function decideAlarm(
  command: AlarmCommand,
  actor: Actor,
  nowMs: number,
  records: HealthRecords,
  judge: ComponentJudge,
): Promise<ComponentHealth> {
  const { machine, component } = command;
  const known = await records.machine(machine);
  const one = inUse(known).find((candidate) => candidate.component === component);
  if (!one) throw unknownComponent(machine, component);
  const before = known.states.get(component);
  const input = decisionInput(command, before?.state ?? newTriggerState, actor, nowMs);
  const look = { records, machine, known, nowMs, actor: actor.name };
  const after = await judge.step(look, one, input, before?.inputs ?? [], command.reason ?? null);
  const at = new Date(nowMs).toISOString();
  await records.event(command.command, { machine, component }, { at, actor: actor.name, detail: detailOf(command) });
  return componentHealth(one, after, judge.settings.trigger);
}

/** Adds or changes a component, or says how a machine's index is made. Throws 400 for a new component without its RPN. */
export async function configure(
  command: PersonCommand & { command: 'configure' },
  actor: Actor,
  at: string,
  records: HealthRecords,
): Promise<RegisteredComponent | { readonly machine: string; readonly model: unknown }> {
  const { machine, component } = command;
  const note = { at, actor: actor.name, detail: detailOf(command) };
  await records.event('configure', { machine, component: component ?? '' }, note);
  if (component === undefined) {
    await records.registry.saveMachineModel(machine, command.model ?? null);
    return { machine, model: command.model ?? null };
  }
  const before = (await records.registry.components(machine)).find((one) => one.component === component);
  if (!before && command.rpn === undefined) {
    throw new ShopfloorError('component-new', 400, `${component} of ${machine} is new and needs its RPN.`, {
      fields: [{ field: 'rpn', message: 'must be given for a new component' }],
    });
  }
  const after: ComponentRecord = {
    machine,
    component,
    rpn: command.rpn ?? before?.rpn ?? 1,
    retired: command.retired ?? before?.retired ?? false,
    model: command.model === undefined ? (before?.model ?? null) : command.model,
    version: (before?.version ?? 0) + 1,
    changedAt: at,
    changedBy: actor.name,
  };
  await records.registry.saveComponent(after);
  return registeredComponent(after);
}

export function unknownComponent(machine: string | undefined, component: string): ShopfloorError {
  const where = machine === undefined ? '' : ` on ${machine}`;
  return new ShopfloorError('component-unknown', 404, `There is no component ${component}${where}.`, {
    hint: 'GET /api/components (the command components) lists what is registered; POST there (configure) adds one.',
  });
}

function decisionInput(
  command: AlarmCommand,
  state: {
    readonly alarm: object | null;
    readonly shelved: object | null;
    readonly suppressed: object | null;
    readonly shown: string;
  },
  actor: Actor,
  nowMs: number,
): TriggerInput {
  const conflict = (message: string) =>
    new ShopfloorError('alarm-state', 409, message, { current: { alarm: state.shown } });
  switch (command.command) {
    case 'acknowledge':
      if (!state.alarm) throw conflict(`${command.component} has no alarm to acknowledge.`);
      return { kind: 'acknowledge' };
    case 'shelve':
      return {
        kind: 'shelve',
        untilMs: nowMs + command.minutes * 60_000,
        reason: command.reason ?? '',
        by: actor.name,
      };
    case 'unshelve':
      if (!state.shelved) throw conflict(`${command.component} is not shelved.`);
      return { kind: 'unshelve' };
    case 'suppress':
      return { kind: 'suppress', cause: 'person', reason: command.reason ?? '' };
    case 'unsuppress':
      if (!state.suppressed) throw conflict(`${command.component} is not suppressed.`);
      return { kind: 'unsuppress' };
  }
}

function detailOf(command: PersonCommand): object {
  const { command: _command, commandId: _commandId, ...detail } = command;
  return detail;
}
