// A feed mill's line in every state that the board has to show, as the ledger would tell it.
import type {
  LedgerBatch,
  LedgerComponent,
  LedgerMonitor,
  LedgerPush,
} from '../../../nodes/dashboard/ledger-answers.ts';

const minute = 60_000;
const names = ['Jagung giling', 'Bungkil kedelai', 'Dedak halus', 'Bungkil kelapa', 'Premiks mineral'];

/** Components of silos A.. with the given targets and actuals in kg; molasses from the first tank last. */
export function components(targetsKg: readonly number[], actualsKg: readonly (number | null)[]): LedgerComponent[] {
  return targetsKg.map((target, index) => {
    const last = index === targetsKg.length - 1;
    const actual = actualsKg[index] ?? null;
    return {
      equipment: last ? 114 : 101 + index,
      tag: last ? 'lq114' : `silo_${'abcdefghijklm'[index]}`,
      name: last ? 'Tetes tebu' : (names[index % names.length] ?? ''),
      targetCentiKg: Math.round(target * 100),
      actualCentiKg: actual === null ? null : Math.round(actual * 100),
    };
  });
}

export function batch(now: Date, change: Partial<LedgerBatch> = {}): LedgerBatch {
  return {
    orderName: 'WH/MO/00041',
    productName: 'Pakan Sapi Perah SP-16',
    line: 'line-1',
    slot: 1,
    state: 'running',
    stateSince: ago(now, 12),
    plannedCentiKg: 250_000,
    finishedCentiKg: null,
    lastReadAt: ago(now, 0.05),
    watchOnly: false,
    endedAt: null,
    endedAs: null,
    notes: null,
    components: components([1250, 620, 380, 150, 100], [812.4, 620.5, 121, 0, null]),
    push: null,
    ...change,
  };
}

export function push(now: Date, change: Partial<LedgerPush> = {}): LedgerPush {
  return { kind: 'push', createdAt: ago(now, 4), attempts: 1, lastError: null, hold: null, ...change };
}

export function ago(now: Date, minutes: number): string {
  return new Date(now.getTime() - minutes * minute).toISOString();
}

const plan = [1250, 620, 380, 150, 100];
const made = [1249.6, 621.2, 379.4, 150.3, 99.8];

/** Ten slots with one batch in each state that a shift can meet, one slot empty, and one batch outside the slots. */
export function busyLine(now: Date): LedgerMonitor {
  const nothing = components(plan, []);
  return {
    line: 'line-1',
    slots: 10,
    batches: [
      batch(now, {
        orderName: 'WH/MO/00038',
        state: 'finished',
        slot: 1,
        productName: 'Pakan Sapi Potong Penggemukan PP-14',
        finishedCentiKg: 249_820,
        components: components(plan, made),
        push: push(now),
      }),
      batch(now, {
        orderName: 'WH/MO/00039',
        state: 'finished',
        slot: 2,
        productName: 'Pakan Kambing Etawa KE-15',
        finishedCentiKg: 262_500,
        components: components(plan, [1249.6, 744, 379.4, 150.3, 99.8]),
        push: push(now, {
          attempts: 2,
          hold: { code: 'deviation', message: 'Soybean meal: planned 620.00 kg, delivered 744.00 kg (+20.0 %).' },
        }),
      }),
      batch(now, {
        orderName: 'WH/MO/00040',
        state: 'failed',
        slot: 3,
        productName: 'Pakan Ayam Petelur AP-18',
        stateSince: ago(now, 8),
        components: components(plan, [640, 0, 0, 0, 0]),
      }),
      batch(now, { slot: 4 }),
      batch(now, {
        orderName: 'WH/MO/00042',
        state: 'quarantined',
        slot: 5,
        productName: 'Pakan Sapi Dara SD-15',
        components: components(plan, [1250, 300, null, null, null]),
      }),
      batch(now, {
        orderName: 'WH/MO/00043',
        state: 'running',
        slot: 6,
        productName: 'Pakan Domba DB-14',
        lastReadAt: ago(now, 26),
        components: components(plan, [300, 0, 0, 0, 0]),
      }),
      ...[7, 8, 9].map((slot) =>
        batch(now, {
          orderName: `WH/MO/0004${slot}`,
          state: 'written',
          slot,
          productName: 'Pakan Sapi Perah SP-16',
          lastReadAt: ago(now, 0.1),
          components: nothing,
        }),
      ),
      batch(now, {
        orderName: 'WH/MO/00036',
        state: 'pushing',
        slot: null,
        productName: 'Pakan Kelinci KL-16',
        finishedCentiKg: 250_110,
        components: components(plan, made),
        push: push(now, {
          createdAt: ago(now, 22),
          attempts: 5,
          lastError: 'The server did not answer within 30 s.',
        }),
      }),
    ],
    alarms: [
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
  };
}
