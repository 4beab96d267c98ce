// A feed mill's line in every state that the board has to show, as the ledger would tell it.
import type { BatchState } from '../../../nodes/batch/messages.ts';
import type {
  LedgerAlarm,
  LedgerBatch,
  LedgerHold,
  LedgerMonitor,
  LedgerPush,
} from '../../../nodes/dashboard/ledger-answers.ts';

const minute = 60_000;
const names = ['Jagung giling', 'Bungkil kedelai', 'Dedak halus', 'Bungkil kelapa', 'Premiks mineral'];

export interface MillComponent {
  readonly tag: string;
  readonly name: string;
  readonly targetKg: number;
  readonly actualKg: number | null;
}

/** What a test says of a batch; the rest is that of a batch which runs in slot 1. */
export interface MillBatch {
  readonly order: string;
  readonly product: string;
  readonly line: string;
  readonly slot: number | null;
  readonly state: BatchState;
  readonly stateSince: string;
  readonly finishedKg: number | null;
  readonly lastReadAt: string | null;
  readonly endedAt: string | null;
  readonly endedAs: string | null;
  readonly components: readonly MillComponent[];
  readonly push: LedgerPush | null;
  readonly hold: LedgerHold | null;
}

/** Components of silos A.. with the given targets and actuals in kg; molasses from the first tank last. */
export function components(targetsKg: readonly number[], actualsKg: readonly (number | null)[]): MillComponent[] {
  return targetsKg.map((targetKg, index) => {
    const last = index === targetsKg.length - 1;
    return {
      tag: last ? 'lq114' : `silo_${'abcdefghijklm'[index]}`,
      name: last ? 'Tetes tebu' : (names[index % names.length] ?? ''),
      targetKg,
      actualKg: actualsKg[index] ?? null,
    };
  });
}

/** A batch as mo-batch shows it. */
export function batch(now: Date, change: Partial<MillBatch> = {}): LedgerBatch {
  const mill: MillBatch = {
    order: 'WH/MO/00041',
    product: 'Pakan Sapi Perah SP-16',
    line: 'line-1',
    slot: 1,
    state: 'running',
    stateSince: ago(now, 12),
    finishedKg: null,
    lastReadAt: ago(now, 0.05),
    endedAt: null,
    endedAs: null,
    components: components([1250, 620, 380, 150, 100], [812.4, 620.5, 121, 0, null]),
    push: null,
    hold: null,
    ...change,
  };
  return {
    id: `${mill.order}-${mill.slot}`,
    line: mill.line,
    batch_no: mill.slot,
    mo_id: mill.order,
    state: mill.state,
    state_since: mill.stateSince,
    status: mill.endedAs,
    consumption: 2500,
    finished_goods: mill.product,
    actual_weight_quantity_finished_goods: mill.finishedKg,
    last_read_from_plc: mill.lastReadAt,
    watch_only: false,
    ended_at: mill.endedAt,
    notes: null,
    hold: mill.hold,
    push: mill.push,
    // The ledger names all equipment; what the batch does not use is null.
    component_silo_m_name: null,
    target_consumption_silo_m: null,
    consumption_silo_m: null,
    ...Object.fromEntries(
      mill.components.flatMap(({ tag, name, targetKg, actualKg }) => [
        [`component_${tag}_name`, name],
        [`target_consumption_${tag}`, targetKg],
        [`consumption_${tag}`, actualKg],
      ]),
    ),
  };
}

export function push(now: Date, change: Partial<LedgerPush> = {}): LedgerPush {
  return { waiting_since: ago(now, 4), attempts: 1, last_error: null, ...change };
}

/** A line's answers to `monitor` and `list`. */
export interface MillLine {
  readonly monitor: LedgerMonitor;
  readonly open: readonly LedgerBatch[];
}

/** A line with these batches, each in its slot where the line has it. */
export function lineWith(
  batches: readonly LedgerBatch[],
  alarms: readonly LedgerAlarm[] = [],
  { slots = 10, line = 'line-1' }: { readonly slots?: number; readonly line?: string } = {},
): MillLine {
  const inSlot = (slot: number) => batches.find((each) => each.batch_no === slot) ?? null;
  return {
    monitor: {
      line,
      slots: Array.from({ length: slots }, (_, index) => ({ slot: index + 1, batch: inSlot(index + 1) })),
      alarms,
    },
    open: batches,
  };
}

export function ago(now: Date, minutes: number): string {
  return new Date(now.getTime() - minutes * minute).toISOString();
}

const plan = [1250, 620, 380, 150, 100];
const made = [1249.6, 621.2, 379.4, 150.3, 99.8];

/** Ten slots with one batch in each state that a shift can meet, one slot empty, and one batch outside the slots. */
export function busyLine(now: Date): MillLine {
  const nothing = components(plan, []);
  return lineWith(
    [
      batch(now, {
        order: 'WH/MO/00038',
        state: 'finished',
        slot: 1,
        product: 'Pakan Sapi Potong Penggemukan PP-14',
        finishedKg: 2498.2,
        components: components(plan, made),
        push: push(now),
      }),
      batch(now, {
        order: 'WH/MO/00039',
        state: 'finished',
        slot: 2,
        product: 'Pakan Kambing Etawa KE-15',
        finishedKg: 2625,
        components: components(plan, [1249.6, 744, 379.4, 150.3, 99.8]),
        push: push(now, { attempts: 2 }),
        hold: { code: 'deviation', message: 'Soybean meal: planned 620.00 kg, delivered 744.00 kg (+20.0 %).' },
      }),
      batch(now, {
        order: 'WH/MO/00040',
        state: 'failed',
        slot: 3,
        product: 'Pakan Ayam Petelur AP-18',
        stateSince: ago(now, 8),
        components: components(plan, [640, 0, 0, 0, 0]),
      }),
      batch(now, { slot: 4 }),
      batch(now, {
        order: 'WH/MO/00042',
        state: 'quarantined',
        slot: 5,
        product: 'Pakan Sapi Dara SD-15',
        components: components(plan, [1250, 300, null, null, null]),
      }),
      batch(now, {
        order: 'WH/MO/00043',
        state: 'running',
        slot: 6,
        product: 'Pakan Domba DB-14',
        lastReadAt: ago(now, 26),
        components: components(plan, [300, 0, 0, 0, 0]),
      }),
      ...[7, 8, 9].map((slot) =>
        batch(now, {
          order: `WH/MO/0004${slot}`,
          state: 'written',
          slot,
          product: 'Pakan Sapi Perah SP-16',
          lastReadAt: ago(now, 0.1),
          components: nothing,
        }),
      ),
      batch(now, {
        order: 'WH/MO/00036',
        state: 'pushing',
        slot: null,
        product: 'Pakan Kelinci KL-16',
        finishedKg: 2501.1,
        components: components(plan, made),
        push: push(now, {
          waiting_since: ago(now, 22),
          attempts: 5,
          last_error: 'The server did not answer within 30 s.',
        }),
      }),
    ],
    [
      {
        code: 'batch-failed',
        slot: 3,
        orderName: 'WH/MO/00040',
        since: ago(now, 8),
        message: 'WH/MO/00040 failed in slot 3.',
      },
      {
        code: 'waiting-for-person',
        slot: 2,
        orderName: 'WH/MO/00039',
        since: ago(now, 4),
        message: 'WH/MO/00039 waits for a decision.',
      },
      {
        code: 'batch-quarantined',
        slot: 5,
        orderName: 'WH/MO/00042',
        since: ago(now, 3),
        message: "WH/MO/00042: its figures can't be trusted.",
      },
      {
        code: 'unread-too-long',
        slot: 6,
        orderName: 'WH/MO/00043',
        since: ago(now, 11),
        message: 'WH/MO/00043 was not read for too long.',
      },
    ],
  );
}
