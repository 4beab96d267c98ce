// OEE of any window, shift and card against a bitmap of seconds, on both engines; and the formulas by themselves.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { fillPast, type MachinePast, machineName, piecesPerMinute } from '../../bench/support/production-year.ts';
import { InvalidInput, ShopfloorError } from '../../nodes/core/errors.ts';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import type { DowntimeEvent, DowntimeStatistics } from '../../nodes/production/downtime.ts';
import type { Oee, ProductionView, StateSpan } from '../../nodes/production/messages.ts';
import { addStateMs, noStateMs, oeeOf } from '../../nodes/production/oee.ts';
import type { ShiftRow, StopRow } from '../../nodes/production/page-contract.ts';
import { ProductionQueries } from '../../nodes/production/production-queries.ts';
import type { OeeRow } from '../../nodes/production/production-views.ts';
import { parseQuery } from '../../nodes/production/query-parser.ts';
import { isStop } from '../../nodes/production/stop-reasons.ts';
import type { IntakeSchema } from '../../nodes/production/tables.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Berlin's clock went back two nights before. */
const nowMs = Date.UTC(2027, 10, 2, 10, 17, 30);
const calendar = new WallCalendar(
  parseCalendarSettings({
    timeZone: 'Europe/Berlin',
    groups: [
      {
        name: 'all',
        shifts: [
          { name: '1', start: '06:00', end: '14:00', breaks: [{ start: '10:00', end: '10:15' }] },
          { name: '2', start: '14:00', end: '21:30' },
          { name: '3', start: '22:00', end: '06:00', weekdays: [1, 2, 3, 4, 5, 6] },
        ],
      },
    ],
  }),
);
const plant = plantTimeOf(calendar.timeZone);
const settings = { reasonAfterMs: 5 * minuteMs, windowMs: 30 * minuteMs };
const someone = { name: 'Sari', via: 'session' } as const;

/** A window second by second, from the timeline as it was. */
function expectedOee(past: MachinePast, fromMs: number, toMs: number): Oee {
  let ms = noStateMs;
  let busyMs = 0;
  const endMs = Math.min(toMs, nowMs);
  const startMs = Math.min(endMs, Math.max(fromMs, past.spans[0]?.startMs ?? 0));
  let index = 0;
  for (let at = startMs; at < endMs; at += 1000) {
    const shift = calendar.shiftAt(past.machine, at);
    if (!shift || shift.plannedStops.some((stop) => stop.startMs <= at && at < stop.endMs)) continue;
    busyMs += 1000;
    while ((past.spans[index]?.endMs ?? Infinity) <= at) index += 1;
    const span = past.spans[index];
    if (!span || span.startMs > at || span.state === 'offline') continue;
    const kind = span.state === 'running' ? 'runningMs' : span.planned ? 'plannedMs' : 'unplannedMs';
    ms = addStateMs(ms, { ...noStateMs, [kind]: 1000 });
  }
  const counts = past.minutes.filter(
    (minute) => minute.startMs >= fromMs - (fromMs % minuteMs) && minute.startMs < endMs,
  );
  return oeeOf({
    ...ms,
    totalMs: endMs - startMs,
    busyMs,
    production: counts.reduce((sum, { production }) => sum + production, 0),
    defects: counts.reduce((sum, { defects }) => sum + defects, 0),
    unheard: 0,
    idealPerHour: piecesPerMinute * 60,
  });
}

const isDone = <Value>(tried: PromiseSettledResult<Value>) => tried.status === 'fulfilled';
const isRefused = (tried: PromiseSettledResult<unknown>) => tried.status === 'rejected';
const cardsOf = ({ cards }: ProductionView) => cards;

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`the views of production on ${engine}`, function () {
    this.timeout(120_000);
    let server: PostgresServer | undefined;
    let store: Store;
    let queries: ProductionQueries;
    const folder = mkdtempSync(join(tmpdir(), 'shopfloor-oee-'));
    /** Mapped by machine. */
    const pasts = new Map<string, MachinePast>();
    const clock = new ManualClock(new Date(nowMs));

    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(folder, 'oee.sqlite')}`);
      await fillPast(store, calendar, { machines: 4, days: 12, nowMs, seed: 5, minuteDays: 12 }, (past) =>
        pasts.set(past.machine, past),
      );
      queries = new ProductionQueries(store, calendar, clock, settings);
    });
    after(async function () {
      this.timeout(60_000);
      await store?.close();
      server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const ask = async <Answer>(payload: object): Promise<Answer> =>
      (await queries.execute(parseQuery(payload, plant, nowMs), someone)).payload as Answer;

    it('give the OEE of any window that a bitmap of seconds gives', async () => {
      const windows = fc.tuple(fc.integer({ min: 0, max: 13 * 86_400 }), fc.integer({ min: 1, max: 5 * 86_400 }));
      await fc.assert(
        fc.asyncProperty(windows, async ([ago, length]) => {
          const fromMs = nowMs - ago * 1000;
          const toMs = fromMs + length * 1000;
          const rows = await ask<readonly OeeRow[]>({
            command: 'oee',
            from: new Date(fromMs).toISOString(),
            to: new Date(toMs).toISOString(),
          });
          for (const row of rows)
            assert.deepEqual(row.oee, expectedOee(pasts.get(row.machine) as MachinePast, fromMs, toMs));
        }),
        { numRuns: engine === 'sqlite' ? 40 : 15 },
      );
    });

    it('give the OEE of every shift, and losses that sum exactly', async () => {
      const rows = await ask<readonly ShiftRow[]>({ command: 'shifts', machine: machineName(1), limit: 60 });
      assert.ok(rows.length > 30);
      assert.equal(rows[0]?.closed, false);
      for (const row of rows) {
        const past = pasts.get(row.machine) as MachinePast;
        const expected = expectedOee(past, Date.parse(row.start), Date.parse(row.end));
        assert.deepEqual(row.oee?.time, expected.time);
        const { time, waterfall } = row.oee as Oee;
        assert.equal(time.plannedStopMs + time.runningMs + time.unplannedStopMs + time.unknownMs, time.totalMs);
        const ms = Object.fromEntries(waterfall.map((step) => [step.loss, step.ms]));
        assert.equal(
          (ms['planned-busy'] ?? 0) -
            (ms['unplanned-stop'] ?? 0) -
            (ms.unknown ?? 0) -
            (ms.speed ?? 0) -
            (ms.quality ?? 0),
          ms['value-adding'],
        );
      }
    });

    it('show each machine in its running shift: totals, target, pace, hours, states', async () => {
      const { cards } = await ask<ProductionView>({ command: 'current' });
      assert.deepEqual(
        cards.map(({ machine }) => machine),
        [0, 1, 2, 3].map(machineName),
      );
      for (const card of cards) {
        const past = pasts.get(card.machine) as MachinePast;
        const shift = calendar.shiftAt(card.machine, nowMs);
        assert.ok(shift && card.shift);
        const counted = past.minutes.filter(({ startMs }) => startMs >= shift.startMs);
        assert.equal(
          card.shift.production,
          counted.reduce((sum, { production }) => sum + production, 0),
        );
        assert.deepEqual(card.oee, expectedOee(past, shift.startMs, nowMs));
        const recent = past.minutes.filter(
          ({ startMs }) => startMs >= Math.floor((nowMs - 15 * minuteMs) / minuteMs) * minuteMs,
        );
        assert.equal(card.pace_per_hour ?? 0, recent.reduce((sum, { production }) => sum + production, 0) * 4);
        // 5 h 2.5 min of 7 h 45 min, the break left out, and whatever the machine stood as planned.
        const { runningMs, unplannedStopMs, unknownMs } = expectedOee(past, shift.startMs, nowMs).time;
        assert.equal(
          card.target_by_now,
          Math.round((4000 * (runningMs + unplannedStopMs + unknownMs)) / (465 * minuteMs)),
        );
        assert.ok((card.target_by_now ?? 0) <= Math.round((4000 * 302.5) / 465));
        const spans = past.spans.filter(({ endMs }) => endMs > shift.startMs);
        assert.deepEqual(
          card.timeline.map(({ state, start }) => [state, Date.parse(start)]),
          spans.map(({ state, startMs }) => [state, startMs]),
        );
        assert.equal(
          card.hours.reduce((sum, { production }) => sum + production, 0),
          card.shift.production,
        );
      }
    });

    it('say how many refused messages wait, and which is the newest', async () => {
      const quarantine = async () => (await ask<ProductionView>({ command: 'current' })).quarantine;
      assert.deepEqual(await quarantine(), { waiting: 0, newest: null });
      const db = store.db<IntakeSchema>();
      const refused = (status: 'waiting' | 'dismissed') => ({
        source: 'test',
        machine: null,
        code: 'not-json',
        message: '',
        raw: '',
        raw_cut: 0,
        arrived_ms: nowMs,
        source_ms: null,
        clock_trusted: null,
        status,
        attempts: 0,
        decided_by: null,
        decided_at: null,
        reason: null,
      });
      await db
        .insertInto('production_quarantine')
        .values([refused('waiting'), refused('waiting'), refused('dismissed')])
        .execute();
      assert.deepEqual(await quarantine(), { waiting: 2, newest: 2 });
      await db.deleteFrom('production_quarantine').execute();
    });

    it('ask for no more pieces while a machine stands as planned', async () => {
      const resting = cardsOf(await ask<ProductionView>({ command: 'current' })).find(
        ({ timeline }) => timeline.at(-1)?.planned,
      );
      const later = new ProductionQueries(store, calendar, new ManualClock(new Date(nowMs + 30 * minuteMs)), settings);
      assert.ok(resting, 'one of the machines stands as planned');
      const silence = (ms: number) => sql`update state_track set silence_ms = ${ms}`.execute(store.db());
      const [heard] = cardsOf(
        (await later.execute(parseQuery({ command: 'current' }, plant, nowMs), someone)).payload as ProductionView,
      );
      assert.equal(heard?.stale, true, 'half an hour is more than the minute that its track was recorded with');
      await silence(dayMs);
      const { payload } = await later.execute(
        parseQuery({ command: 'current', machine: resting.machine }, plant, nowMs),
        someone,
      );
      await silence(minuteMs);
      const [card] = cardsOf(payload as ProductionView);
      assert.equal(card?.stale, false);
      assert.equal(card?.target_by_now, resting.target_by_now);
      assert.ok((card?.target_by_now ?? 0) > 0);
    });

    it('show a timeline of any span', async () => {
      const past = pasts.get(machineName(2)) as MachinePast;
      const fromMs = nowMs - 3 * dayMs;
      const toMs = nowMs - 2 * dayMs;
      const spans = await ask<readonly StateSpan[]>({
        command: 'timeline',
        machine: past.machine,
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
      });
      assert.deepEqual(
        spans.map(({ start }) => Date.parse(start)),
        past.spans.filter(({ startMs, endMs }) => startMs < toMs && endMs > fromMs).map(({ startMs }) => startMs),
      );
    });

    it('list stops newest first, by component, and count them by day without reading them', async () => {
      const events = await ask<readonly DowntimeEvent[]>({
        command: 'downtime-history',
        component: 'system',
        limit: 20,
      });
      const stops = [...pasts.values()]
        .flatMap(({ machine, spans }) => spans.map((span) => ({ machine, ...span })))
        .filter(({ state }) => isStop(state));
      const errors = stops
        .filter(
          ({ state, startMs, endMs }) => state === 'error' && (endMs === Infinity ? nowMs : endMs) - startMs >= 30_000,
        )
        .sort((left, right) => right.startMs - left.startMs);
      assert.deepEqual(
        events.map(({ start_time }) => Date.parse(start_time)),
        errors.slice(0, 20).map(({ startMs }) => startMs),
      );
      assert.ok(events.every(({ component, severity }) => component === 'System' && severity === 'high'));
      const figures = await ask<DowntimeStatistics>({
        command: 'downtime-statistics',
        start_date: '2027-10-24',
        end_date: '2027-10-31',
      });
      const fromMs = plant.instantMs({ year: 2027, month: 10, day: 24 });
      const toMs = plant.instantMs({ year: 2027, month: 11, day: 1 });
      const inside = stops.filter(
        ({ startMs, endMs }) => startMs >= fromMs && startMs < toMs && endMs - startMs >= 30_000,
      );
      assert.equal(figures.count, inside.length);
      assert.equal(figures.by_component.System?.count, inside.filter(({ state }) => state === 'error').length);
      assert.equal(figures.preventive.count + figures.reactive.count, figures.count);
      const minutes = inside.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / minuteMs;
      assert.ok(Math.abs(figures.total_minutes - minutes) < 0.01);
    });

    it('let a person give a stop its reason once, which makes it planned or not in every figure', async () => {
      const [stop] = await ask<readonly StopRow[]>({ command: 'stops', limit: 1 });
      assert.ok(stop?.id && stop.reason === null);
      const window = {
        command: 'oee',
        machine: stop.machine,
        from: stop.start,
        to: stop.end ?? new Date(nowMs).toISOString(),
      };
      const [before] = await ask<readonly OeeRow[]>(window);
      const give = {
        command: 'reason',
        machine: stop.machine,
        span: stop.id,
        reason: 'NO_ORDERS',
        note: 'empty',
        commandId: 'c1',
      };
      const first = await queries.execute(parseQuery(give, plant, nowMs), someone);
      assert.deepEqual(
        first.events.map(({ type, actor, reason }) => [type, actor, reason]),
        [['stop-reason', 'Sari', 'empty']],
      );
      const again = await queries.execute(parseQuery(give, plant, nowMs), someone);
      assert.deepEqual(again, { payload: first.payload, events: [] });
      const [after] = await ask<readonly OeeRow[]>(window);
      assert.equal(after?.oee.time.unplannedStopMs, 0);
      assert.equal(
        after?.oee.time.plannedStopMs,
        (before?.oee.time.plannedStopMs ?? 0) + (before?.oee.time.unplannedStopMs ?? 0),
      );
      const left = await ask<readonly StopRow[]>({ command: 'stops', limit: 100 });
      assert.ok(left.every(({ id }) => id !== stop.id));
      await assert.rejects(
        ask({ ...give, reason: 'SETUP' }),
        (error) => error instanceof ShopfloorError && error.code === 'command-id-reused',
      );
      await assert.rejects(ask({ ...give, commandId: 'c2', reason: 'RAIN' }), InvalidInput);
      await assert.rejects(
        ask({ ...give, commandId: 'c3', machine: 'M999' }),
        (error) => error instanceof ShopfloorError && error.httpStatus === 404,
      );
      await ask({ command: 'save-reason', code: 'RAIN', label: { id: 'Hujan', 'en-US': 'Rain' }, planned: false });
      await ask({ ...give, commandId: 'c4', reason: 'RAIN', previous: 'NO_ORDERS' });
      const [back] = await ask<readonly OeeRow[]>(window);
      assert.deepEqual(back?.oee.time, before?.oee.time);
    });

    it('let one of two people win who give the same stop a reason at once, and show the other what it is', async () => {
      const [stop] = await ask<readonly StopRow[]>({ command: 'stops', limit: 1 });
      assert.ok(stop?.id && stop.reason === null);
      const give = (reason: string, name: string, previous?: string) =>
        queries.execute(
          parseQuery({ command: 'reason', machine: stop.machine, span: stop.id, reason, previous }, plant, nowMs),
          { name, via: 'session' },
        );
      const tried = await Promise.allSettled([give('SETUP', 'Sari'), give('OPERATOR_STOP', 'Budi')]);
      const [won, lost] = [tried.find(isDone), tried.find(isRefused)];
      assert.ok(won && lost, 'exactly one is refused');
      const refusal = lost.reason as ShopfloorError;
      assert.deepEqual([refusal.code, refusal.httpStatus], ['reason-changed', 409]);
      assert.deepEqual(refusal.current, won.value.payload);
      const { reason } = won.value.payload as StateSpan;
      const changed = await give('CHANGEOVER', 'Budi', reason ?? '');
      assert.equal((changed.payload as StateSpan).reason, 'CHANGEOVER');
      await assert.rejects(give('SETUP', 'Sari', reason ?? ''), { code: 'reason-changed' });
      await assert.rejects(give('SETUP', 'Sari'), { code: 'reason-changed' });
    });

    it('refuse what makes no sense, field by field, and say 404 for what does not exist', async () => {
      const fields = (payload: object) => {
        try {
          parseQuery(payload, plant, nowMs);
        } catch (error) {
          assert.ok(error instanceof InvalidInput);
          return error.fields.map(({ field }) => field);
        }
        return [];
      };
      assert.deepEqual(fields({ command: 'melt' }), ['command']);
      assert.deepEqual(fields({ command: 'oee', from: '2027-13-01', to: 'x' }), ['to', 'from']);
      assert.deepEqual(fields({ command: 'oee', from: '2027-10-02', to: '2027-10-01' }), ['from']);
      assert.deepEqual(fields({ command: 'timeline', from: '2027-10-01', to: '2027-10-20' }), ['from', 'machine']);
      assert.deepEqual(fields({ command: 'sensor-realtime', limit: '5000' }), ['limit']);
      assert.deepEqual(fields({ command: 'reason', machine: 'M1' }), ['span', 'reason']);
      await assert.rejects(
        ask({ command: 'current', machine: 'Z' }),
        (error) => error instanceof ShopfloorError && error.httpStatus === 404,
      );
      await assert.rejects(
        ask({ command: 'downtime-history', component: 'Wings' }),
        (error) => error instanceof ShopfloorError && error.httpStatus === 404,
      );
    });
  });
}

describe('OEE after ISO 22400-2', () => {
  const hourMs = 60 * minuteMs;
  const basis = {
    totalMs: 8 * hourMs,
    busyMs: 8 * hourMs,
    runningMs: 6 * hourMs,
    unplannedMs: hourMs,
    plannedMs: hourMs,
    production: 500,
    defects: 50,
    unheard: 0,
    idealPerHour: 100,
  };

  it('is availability times effectiveness times quality', () => {
    const { availability, effectiveness, quality, oee } = oeeOf(basis);
    assert.deepEqual(
      [availability, effectiveness, quality].map((value) => value?.toFixed(4)),
      ['0.8571', '0.8333', '0.9000'],
    );
    assert.equal(oee?.toFixed(4), '0.6429');
  });

  it('takes silence for neither up nor down', () => {
    const { availability, time } = oeeOf({ ...basis, runningMs: 3 * hourMs, unplannedMs: hourMs, plannedMs: 0 });
    assert.equal(availability, 0.75);
    assert.equal(time.unknownMs, 4 * hourMs);
  });

  it('leaves pieces of a silence out of the effectiveness, and knows none where there are no others', () => {
    const silent = oeeOf({ ...basis, production: 500 + 70_000, unheard: 70_000, defects: 0 });
    assert.equal(silent.effectiveness, oeeOf({ ...basis, defects: 0 }).effectiveness);
    assert.deepEqual(silent.waterfall, oeeOf({ ...basis, defects: 0 }).waterfall);
    const first = oeeOf({ ...basis, production: 70_000, unheard: 70_000 });
    assert.deepEqual([first.effectiveness, first.oee, first.waterfall.length], [null, null, 3]);
  });

  it('is undefined where nothing is known of a factor', () => {
    assert.equal(oeeOf({ ...basis, idealPerHour: null }).oee, null);
    assert.equal(oeeOf({ ...basis, production: 0, defects: 0 }).quality, null);
    assert.equal(oeeOf({ ...basis, runningMs: 0, unplannedMs: 0, plannedMs: 0 }).availability, null);
    assert.equal(oeeOf({ ...basis, runningMs: 0, production: 0, defects: 0 }).availability, 0);
  });

  it('is undefined with its reason, never negative, where more defects than pieces were counted', () => {
    // The counters went 100/0, 102/5, 104/6.
    const odd = oeeOf({ ...basis, production: 4, defects: 6 });
    assert.deepEqual([odd.quality, odd.oee, odd.undefinedReason], [null, null, 'defects-exceed-production']);
    assert.deepEqual(
      odd.waterfall.map(({ loss }) => loss),
      ['planned-busy', 'unplanned-stop', 'unknown', 'speed'],
    );
    const { effectiveness, undefinedReason } = oeeOf({ ...basis, production: -3, defects: -3 });
    assert.deepEqual([effectiveness, undefinedReason], [null, 'no-pieces']);
  });

  it('says why it is undefined, and nothing where it is a number', () => {
    const why = (more: object) => oeeOf({ ...basis, ...more }).undefinedReason;
    assert.equal(why({}), null);
    assert.equal(why({ production: 0, defects: 0 }), null);
    assert.equal(why({ runningMs: 0, unplannedMs: 0, plannedMs: 0 }), 'no-known-time');
    assert.equal(why({ idealPerHour: null }), 'no-ideal-rate');
    assert.equal(why({ unheard: 500 }), 'pieces-of-a-silence');
  });

  it('is never negative, whatever was counted, and undefined exactly where a reason says so', () => {
    const whole = fc.integer({ min: -1_000, max: 100_000 });
    const ms = fc.integer({ min: 0, max: 8 * hourMs });
    fc.assert(
      fc.property(
        whole,
        whole,
        whole,
        ms,
        ms,
        fc.option(fc.integer({ min: 1, max: 1e6 })),
        (made, bad, silent, run, stop, ideal) => {
          const given = {
            production: made,
            defects: bad,
            unheard: silent,
            runningMs: run,
            unplannedMs: stop,
            plannedMs: 0,
          };
          const { availability, effectiveness, quality, oee, undefinedReason } = oeeOf({
            ...basis,
            ...given,
            idealPerHour: ideal,
          });
          for (const ratio of [availability, effectiveness, quality, oee]) assert.ok(ratio === null || ratio >= 0);
          assert.equal(oee === null, undefinedReason !== null);
        },
      ),
    );
  });

  it('is nothing, not unknown, for a machine that is down all the time or makes nothing', () => {
    const down = oeeOf({ ...basis, runningMs: 0, plannedMs: 0, production: 0, defects: 0 });
    assert.deepEqual([down.availability, down.effectiveness, down.oee], [0, null, 0]);
    assert.equal(oeeOf({ ...basis, production: 0, defects: 0 }).oee, 0);
  });

  it('is value-adding time over planned busy time where everything is known', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 480 }),
        fc.integer({ min: 0, max: 480 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 0, max: 100 }),
        (run, stop, production, percent) => {
          const runningMs = run * minuteMs;
          const unplannedMs = stop * minuteMs;
          const defects = Math.floor((production * percent) / 100);
          const busyMs = runningMs + unplannedMs;
          const result = oeeOf({
            totalMs: busyMs,
            busyMs,
            runningMs,
            unplannedMs,
            plannedMs: 0,
            production,
            defects,
            unheard: 0,
            idealPerHour: 3600,
          });
          const ms = Object.fromEntries(result.waterfall.map((step) => [step.loss, step.ms]));
          assert.ok(Math.abs((result.oee ?? 0) - (ms['value-adding'] ?? 0) / (ms['planned-busy'] ?? 1)) < 1e-9);
        },
      ),
    );
  });
});
