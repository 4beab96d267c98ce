// The world that the problem log's tests speak of: a log on a store of its own, a clock that stands still, and people with their rights.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../../nodes/access/messages.ts';
import { can } from '../../nodes/access/policy.ts';
import type { StagedFile } from '../../nodes/attachments/messages.ts';
import type { Asker } from '../../nodes/ctp/asker.ts';
import { parseCtpCommand } from '../../nodes/ctp/command-parser.ts';
import { ctpActions } from '../../nodes/ctp/ctp-actions.ts';
import { type CtpProperties, parseCtpSettings } from '../../nodes/ctp/ctp-settings.ts';
import type { LogReply } from '../../nodes/ctp/log-reply.ts';
import type { CtpMachine, CtpProblem, CtpProblemEvent } from '../../nodes/ctp/messages.ts';
import { openProblemLog } from '../../nodes/ctp/open-log.ts';
import type { ProblemLog } from '../../nodes/ctp/problem-log.ts';
import type { CtpSchema } from '../../nodes/ctp/tables.ts';
import type { ShiftCalendar } from '../../nodes/production/calendar-contract.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A person with roles, held to machines by the policy as in the plant. */
export function person(name: string, roles: readonly Role[], machines: readonly string[] = []): Asker {
  const subject = { roles, departments: [], machines };
  return { actor: { name, via: 'session' }, may: async (action, resource) => can(subject, action, resource) };
}

export const people = {
  ani: person('ani', ['ctp'], ['suprasetter', 'platesetter']),
  budi: person('budi', ['ctp'], ['suprasetter']),
  sari: person('sari', ['supervisor']),
  tono: person('tono', ['maintenance']),
  maya: person('maya', ['manager']),
  wall: person('wall', ['display']),
  flow: { actor: { name: 'flow', via: 'flow' }, may: async () => true } satisfies Asker,
} as const;

export interface WorldOptions {
  readonly url?: string;
  readonly properties?: CtpProperties;
  readonly calendar?: ShiftCalendar;
  readonly start?: string;
  /** What the log sees of the store instead of the store itself. */
  readonly through?: (store: Store) => Store;
}

export class LogWorld {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly log: ProblemLog;
  readonly #zone: CtpProperties;
  readonly #cleanUp: () => void;

  private constructor(
    store: Store,
    clock: ManualClock,
    log: ProblemLog,
    properties: CtpProperties,
    cleanUp: () => void,
  ) {
    this.store = store;
    this.clock = clock;
    this.log = log;
    this.#zone = properties;
    this.#cleanUp = cleanUp;
  }

  static async open({ url, properties = {}, calendar, start, through }: WorldOptions = {}): Promise<LogWorld> {
    const directory = mkdtempSync(join(tmpdir(), 'shopfloor-ctp-'));
    const opened = await openStore(url ?? `sqlite:${join(directory, 'log.sqlite')}`);
    const store = through ? through(opened) : opened;
    const clock = new ManualClock(start ?? '2026-11-21T03:00:00Z');
    const log = await openProblemLog(store, parseCtpSettings(properties), { clock, calendar: () => calendar });
    return new LogWorld(store, clock, log, properties, () => rmSync(directory, { recursive: true, force: true }));
  }

  async close(): Promise<void> {
    await this.store.close();
    this.#cleanUp();
  }

  /** As the node takes it: narrowed, then asked of the policy, then done. */
  async send(
    command: Readonly<Record<string, unknown>>,
    asker: Asker = people.sari,
    uploads: readonly StagedFile[] = [],
  ): Promise<LogReply> {
    const parsed = parseCtpCommand(command, parseCtpSettings(this.#zone).plant);
    if (!(await asker.may(ctpActions[parsed.command])))
      throw Object.assign(new Error('forbidden'), { code: 'forbidden', httpStatus: 403 });
    return this.log.execute(parsed, asker, uploads);
  }

  async ask<Data>(command: Readonly<Record<string, unknown>>, asker: Asker = people.sari): Promise<Data> {
    const { answer } = await this.send(command, asker);
    if (answer.kind !== 'data') throw new Error(`no data but ${answer.kind}`);
    return answer.data as Data;
  }

  report(fields: Record<string, unknown> = {}, asker: Asker = people.ani): Promise<CtpProblem> {
    return this.ask(
      {
        command: 'report',
        machine_nickname: 'suprasetter',
        severity: 'stop',
        problem_description: 'Laser off',
        ...fields,
      },
      asker,
    );
  }

  get(id: number): Promise<CtpProblem> {
    return this.ask({ command: 'get', id });
  }

  machine(nickname = 'suprasetter'): Promise<CtpMachine> {
    return this.ask({ command: 'machine', machine_nickname: nickname });
  }

  /** The newest hundred, the oldest of them first. */
  async history(id: number): Promise<readonly CtpProblemEvent[]> {
    return [...(await this.ask<readonly CtpProblemEvent[]>({ command: 'history', id, limit: 100 }))].reverse();
  }

  async eventTypes(id: number): Promise<readonly string[]> {
    return (await this.history(id)).map(({ type }) => type);
  }

  db() {
    return this.store.db<CtpSchema>();
  }
}

/** Minutes as milliseconds. */
export const minutes = (count: number): number => count * 60_000;
