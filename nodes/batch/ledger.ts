// The batch ledger of one line: each command reads what it must know, decides, and records it in one transaction.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { once } from '../core/command-memory.ts';
import type { FetchedOrder } from '../odoo/messages.ts';
import { judgeAlarms } from './alarm-judgement.ts';
import { type AlarmCondition, type AlarmTransitions, alarmMessage, slotCodes } from './alarms.ts';
import { batchMeant } from './batch-meant.ts';
import { fetchCodes, fetchConditions } from './fetch-conditions.ts';
import type { LedgerArchive } from './ledger-archive.ts';
import type { LedgerRecords, WatchedWrite } from './ledger-records.ts';
import { LedgerViews } from './ledger-views.ts';
import { lookCommand, lookConditions, stockCondition } from './looking.ts';
import type { Actor, BatchAlarm, BatchAlarmCode, BatchCommand, BatchEvent } from './messages.ts';
import { decideObserve, namesIn } from './observing.ts';
import { failureNews, type PeerNews, peerCodes, peerConditions, pushNews, writeNews } from './peers.ts';
import { decideCancel, decideClear, decideCorrect, decideReset, decideRetry } from './person-commands.ts';
import { keyOfOrder, plcNamesOf } from './plc-name.ts';
import { PushLeases } from './push-leases.ts';
import { decideComplete, decideDue } from './pushing.ts';
import { firstStartOf, refusalOf } from './queue-conditions.ts';
import type { LedgerSettings } from './settings.ts';
import {
  decideBeginSync,
  decideGoLive,
  decideStage,
  decideWritten,
  type StagingDecision,
  type StagingWorld,
} from './staging.ts';
import type { Change, DecisionContext } from './transitions.ts';
import { batchView, stateCounts } from './views.ts';
import { answerWeighing, type WeighingCommand, weighingConditions } from './weighing-desk.ts';

/** What one command leads to: the answer, and what the second and third output send. */
export interface LedgerReply {
  readonly payload: unknown;
  readonly events: readonly BatchEvent[];
  readonly alarms: readonly BatchAlarm[];
}

/** How one command ended inside its transaction, before alarms are judged. */
interface Outcome {
  readonly payload: unknown;
  readonly changes?: readonly Change[];
  /** Conditions of the codes that this command judges besides those of the batches. */
  readonly conditions?: readonly AlarmCondition[];
  readonly codes?: readonly BatchAlarmCode[];
  /** What was heard of Odoo or of the PLC. */
  readonly peer?: PeerNews | undefined;
  readonly watched?: readonly WatchedWrite[];
}

/** What the ledger needs of the outside. */
export interface LedgerParts {
  readonly settings: LedgerSettings;
  readonly clock: Clock;
  /** Runs `work` in one transaction. */
  readonly inTransaction: <Result>(work: (records: LedgerRecords) => Promise<Result>) => Promise<Result>;
  readonly archive: LedgerArchive;
  /** Shared by all ledgers of one line in a process; one of its own without it. */
  readonly leases?: PushLeases;
  readonly newId?: () => string;
  readonly random?: () => number;
}

type PersonCommand = Extract<BatchCommand, { readonly command: 'retry' | 'reset' | 'cancel' | 'correct' | 'clear' }>;
type Work = (records: LedgerRecords, context: DecisionContext) => Promise<Outcome>;

export class BatchLedger {
  readonly #parts: LedgerParts;
  readonly #settings: LedgerSettings;
  readonly #newId: () => string;
  readonly #random: () => number;
  readonly #leases: PushLeases;
  readonly #views: LedgerViews;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#newId = parts.newId ?? randomUUID;
    this.#random = parts.random ?? Math.random;
    this.#leases = parts.leases ?? new PushLeases();
    this.#views = new LedgerViews(parts);
  }

  /** Call once before the first command: a ledger that starts live ends what was only watched. */
  async start(): Promise<void> {
    if (this.#settings.watchOnly) return;
    await this.#record({ name: 'start', via: 'clock' }, async (records, context) => {
      const changes = decideGoLive(await records.openBatches(), context);
      return { payload: null, changes };
    });
  }

  /** Runs one command. Rejects with a ShopfloorError when it is refused; then nothing was changed. */
  async execute(command: BatchCommand, actor: Actor): Promise<LedgerReply> {
    switch (command.command) {
      case 'begin-sync':
        return this.#record(actor, (records, context) => this.#beginSync(records, context));
      case 'stage':
        return this.#record(actor, (records, context) => this.#stage(records, command, context));
      case 'written':
        return this.#record(actor, (records, context) => this.#written(records, command, context));
      case 'observe':
        return this.#record(actor, (records, context) => this.#observe(records, command, context));
      case 'look':
        return this.#record(actor, async (records) => ({ payload: lookCommand(await records.openBatches()) }));
      case 'looked':
        return this.#record(actor, (records) => this.#looked(records, command));
      case 'peer-failed':
        return this.#record(actor, () => Promise.resolve(peerFailed(command)));
      case 'weigh':
      case 'weighed':
      case 'settle-weighing':
        return this.#record(actor, (records, context) => this.#weighing(records, command, context));
      case 'due':
        return this.#due(actor);
      case 'complete':
        return this.#complete(command, actor);
      case 'health':
        return this.#record(actor, (records, context) => this.#health(records, context));
      case 'retry':
      case 'reset':
      case 'cancel':
      case 'correct':
      case 'clear':
        return this.#record(actor, (records, context) => this.#person(records, command, context));
      default:
        return { payload: await this.#views.answer(command), events: [], alarms: [] };
    }
  }

  /** Alarms that last, as they began: for a process that ended between recording one and telling it. */
  lastingAlarms(): Promise<readonly BatchAlarm[]> {
    return this.#parts.inTransaction(async (records) =>
      (await records.activeAlarms()).map((alarm) => alarmMessage(alarm, true, this.#settings.line)),
    );
  }

  /** Runs `work`, saves its changes, and judges the alarms of the batches afterwards, all in one transaction. */
  #record(actor: Actor, work: Work): Promise<LedgerReply> {
    return this.#parts.inTransaction(async (records) => {
      const at = this.#parts.clock.now().toISOString();
      const outcome = await work(records, { at, actor, newId: this.#newId });
      const events = await records.save(outcome.changes ?? [], at);
      await records.watched(outcome.watched ?? [], at);
      const transitions = await this.#judgeAlarms(records, outcome, at);
      return { payload: outcome.payload, events, alarms: this.#alarmsOf(transitions) };
    });
  }

  async #judgeAlarms(records: LedgerRecords, outcome: Outcome, at: string): Promise<AlarmTransitions> {
    const { conditions = [], codes = [], peer } = outcome;
    const news = {
      conditions: [...conditions, ...peerConditions(peer)],
      codes: [...codes, ...peerCodes(peer)],
    };
    const batches = await records.openBatches();
    const transitions = judgeAlarms(await records.activeAlarms(), batches, news, this.#settings, at);
    await records.saveAlarms(transitions);
    return transitions;
  }

  #alarmsOf({ begun, ended }: AlarmTransitions): BatchAlarm[] {
    const { line } = this.#settings;
    return [
      ...ended.map((alarm) => alarmMessage(alarm, false, line)),
      ...begun.map((alarm) => alarmMessage(alarm, true, line)),
    ];
  }

  async #beginSync(records: LedgerRecords, context: DecisionContext): Promise<Outcome> {
    return staged(decideBeginSync(await stagingWorld(records), this.#settings, context));
  }

  async #stage(
    records: LedgerRecords,
    command: BatchCommand & { command: 'stage' },
    context: DecisionContext,
  ): Promise<Outcome> {
    const decision = decideStage(await stagingWorld(records, command.orders), command.orders, this.#settings, context);
    const warnings = new Map(command.orders.map(({ orderId, warnings = [] }) => [orderId, warnings]));
    const unreserved = decision.changes.flatMap(({ before, after }) => {
      const reasons = before === null ? (warnings.get(after.orderId) ?? []) : [];
      return reasons.length > 0
        ? [
            stockCondition(
              after,
              reasons.map(({ message }) => message),
            ),
          ]
        : [];
    });
    return {
      ...staged(decision),
      conditions: [...fetchConditions(command.refused, command.notices ?? []), ...unreserved],
      codes: fetchCodes,
      peer: { peer: 'odoo', fault: null },
    };
  }

  async #looked(records: LedgerRecords, command: BatchCommand & { command: 'looked' }): Promise<Outcome> {
    const conditions = lookConditions(await records.openBatches(), command.orders);
    const changed = conditions.filter(({ code }) => code === 'order-changed').length;
    const reason = changed === 0 ? 'every order is as it was fetched' : `${changed} orders changed in Odoo`;
    return {
      payload: { command: 'none', reason },
      conditions,
      codes: ['order-changed', 'stock-not-reserved'],
      peer: { peer: 'odoo', fault: null },
    };
  }

  async #written(
    records: LedgerRecords,
    command: BatchCommand & { command: 'written' },
    context: DecisionContext,
  ): Promise<Outcome> {
    const queue = await records.batchesOfQueue(command.queueId);
    const { changes, next } = decideWritten(queue, command, this.#settings, context);
    const { queueId, slots, wouldWrite } = command;
    const watched: WatchedWrite[] =
      command.outcome === 'watch-only'
        ? [{ kind: 'plc-write', orderName: null, payload: { queueId, slots, wouldWrite: wouldWrite ?? [] } }]
        : [];
    return {
      payload: next,
      changes,
      watched,
      conditions: [...changes.flatMap(refusalOf), ...firstStartOf(command)],
      codes: command.outcome === 'watch-only' || command.outcome === 'refused' ? [] : ['plc-first-start'],
      peer: writeNews(command),
    };
  }

  async #observe(
    records: LedgerRecords,
    command: BatchCommand & { command: 'observe' },
    context: DecisionContext,
  ): Promise<Outcome> {
    const names = namesIn(command);
    const batches = [...(await records.openBatches()), ...(await records.endedByPlcName(names))];
    const world = { batches, earlierAttempts: await records.earlierAttempts(names) };
    const { changes, acknowledge, conditions, watched } = decideObserve(world, command, this.#settings, context);
    return {
      payload:
        acknowledge.length > 0
          ? { command: 'acknowledge', blocks: acknowledge }
          : { command: 'none', reason: 'no block to acknowledge' },
      changes,
      conditions,
      codes: slotCodes,
      peer: { peer: 'plc', fault: null },
      watched: watched.map((block) => ({ kind: 'acknowledge', orderName: block.moName, payload: block })),
    };
  }

  async #weighing(records: LedgerRecords, command: WeighingCommand, context: DecisionContext): Promise<Outcome> {
    const outcome = await answerWeighing(records, command, this.#settings.line, context);
    return { ...outcome, conditions: await weighingConditions(records), codes: ['weighing-held'] };
  }

  async #due(actor: Actor): Promise<LedgerReply> {
    const now = this.#parts.clock.monotonicMs();
    let handedOut: string | undefined;
    const takeBack = () => {
      if (handedOut !== undefined) this.#leases.answered(handedOut);
      handedOut = undefined;
    };
    try {
      return await this.#record(actor, async (records, context) => {
        // The store may run this again after a lost race.
        takeBack();
        const batches = await records.openBatches();
        // Looked at and leased without a pause between, or two nodes that ask at once would both be given the row.
        const { changes, next } = decideDue(batches, this.#leases.inFlight(now), context);
        handedOut = 'pushId' in next ? next.pushId : undefined;
        if (handedOut !== undefined) this.#leases.handOut(handedOut, now);
        return { payload: next, changes };
      });
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  async #complete(command: BatchCommand & { command: 'complete' }, actor: Actor): Promise<LedgerReply> {
    const reply = await this.#record(actor, async (records, context) => {
      const found = await records.pushById(command.pushId);
      const { changes, next } = decideComplete(found?.batch, found?.push, command, context, this.#random);
      const watched: WatchedWrite[] =
        command.outcome === 'watch-only' && changes.length > 0
          ? [
              {
                kind: command.action === 'cancel' ? 'odoo-cancel' : 'odoo-push',
                orderName: found?.batch.orderName ?? null,
                payload: command.wouldSend,
              },
            ]
          : [];
      return { payload: next, changes, watched, peer: pushNews(command) };
    });
    this.#leases.answered(command.pushId);
    return reply;
  }

  async #health(records: LedgerRecords, context: DecisionContext): Promise<Outcome> {
    const batches = await records.openBatches();
    const { line } = this.#settings;
    const news = { conditions: [], codes: [] };
    const active = await records.activeAlarms();
    const { begun, ended, reworded } = judgeAlarms(active, batches, news, this.#settings, context.at);
    const changed = new Set([...ended, ...reworded].map(({ code, key }) => `${code}|${key}`));
    const kept = active.filter(({ code, key }) => !changed.has(`${code}|${key}`));
    const alarms = [...kept, ...reworded, ...begun].map(({ code, slot, orderName, message }) => ({
      code,
      slot,
      orderName,
      message,
    }));
    return {
      payload: { line, checked_at: context.at, healthy: alarms.length === 0, counts: stateCounts(batches), alarms },
    };
  }

  async #person(records: LedgerRecords, command: PersonCommand, context: DecisionContext): Promise<Outcome> {
    const { commandId, ...words } = command;
    let changes: Change[] = [];
    const repeatable = {
      commandId,
      actor: context.actor.name,
      words: { line: this.#settings.line, ...words },
      at: context.at,
    };
    const { reply } = await once<unknown>(records, repeatable, async () => {
      changes = await this.#decidePerson(records, command, context);
      return { command: command.command, batches: changes.map((change) => batchView(change.after)) };
    });
    return { payload: reply, changes };
  }

  async #decidePerson(records: LedgerRecords, command: PersonCommand, context: DecisionContext): Promise<Change[]> {
    const reason = command.reason ?? null;
    if (command.command === 'clear') {
      return decideClear(await records.openBatches(), { release: command.release ?? false, reason }, context);
    }
    const batch = batchMeant(await records.batchesNamed(command.order), command.order, this.#settings.line);
    switch (command.command) {
      case 'retry': {
        const { accept = false, remainder } = command;
        return decideRetry(batch, { accept, reason, ...(remainder && { remainder }) }, context);
      }
      case 'reset':
        return decideReset(batch, reason, context);
      case 'cancel':
        return decideCancel(batch, reason, context);
      case 'correct':
        return decideCorrect(batch, command, context);
    }
  }
}

/** @param orders orders that may become new batches */
async function stagingWorld(records: LedgerRecords, orders: readonly FetchedOrder[] = []): Promise<StagingWorld> {
  const names = orders.flatMap(({ plcOrderName, orderId }) => [
    ...plcNamesOf(plcOrderName, orderId),
    ...plcNamesOf(keyOfOrder(orderId), orderId),
  ]);
  return {
    batches: await records.openBatches(),
    openOrderIds: await records.openOrderIds(),
    usedPlcNames: await records.usedPlcNames(names),
  };
}

function peerFailed({ node, message }: BatchCommand & { command: 'peer-failed' }): Outcome {
  return { payload: { command: 'none', reason: 'the fault is recorded' }, peer: failureNews(node, message) };
}

function staged({ changes, next }: StagingDecision): Outcome {
  return { payload: next, changes };
}
