// Whatever is reported, corrected, ended, reopened and voided, the downtime of a machine is what a look at every minute says.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import type { CtpBoard, CtpProblem, CtpStatistics } from '../../nodes/ctp/messages.ts';
import type { ShiftCalendar } from '../../nodes/production/calendar-contract.ts';
import { LogWorld, people } from './log-world.ts';
import { twoShifts } from './queries/two-shift-calendar.ts';

const minuteMs = 60_000;

interface Span {
  startMs: number;
  /** Null while it is open. */
  endMs: number | null;
}

/** One act of somebody, with what it is about: numbers that are taken modulo what there is. */
type Act =
  | { readonly kind: 'report'; readonly machine: number; readonly ago: number; readonly lasts: number | null }
  | { readonly kind: 'start' | 'end' | 'complete' | 'reopen' | 'void'; readonly which: number; readonly ago: number };

const acts = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('report' as const),
        machine: fc.nat(1),
        ago: fc.nat(2000),
        lasts: fc.option(fc.nat(900), { freq: 2 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'start' as const,
          'end' as const,
          'complete' as const,
          'reopen' as const,
          'void' as const,
        ),
        which: fc.nat(20),
        ago: fc.nat(2000),
      }),
    },
  ),
  { minLength: 1, maxLength: 12 },
);

/** Nights of a change in Berlin (forward, back), a month's end in Jakarta, and a plant without any of it. */
const moments = [
  { zone: 'Europe/Berlin', now: '2026-03-29T08:00:00Z' },
  { zone: 'Europe/Berlin', now: '2026-10-25T09:00:00Z' },
  { zone: 'Asia/Jakarta', now: '2026-11-01T05:00:00Z' },
] as const;

for (const { zone, now } of moments) {
  for (const withShifts of [false, true]) {
    describe(`downtime in ${zone} at ${now}${withShifts ? ', inside shifts' : ''}`, function () {
      this.timeout(180_000);

      it('counts every minute in which something was open once', async () => {
        const plant = plantTimeOf(zone);
        const calendar = withShifts ? twoShifts(plant) : undefined;
        await fc.assert(
          fc.asyncProperty(acts, async (script) => {
            const world = await LogWorld.open({
              properties: { timeZone: zone },
              start: now,
              ...(calendar && { calendar }),
            });
            try {
              const model = await play(world, script);
              const nowMs = world.clock.now().getTime();
              const { year, month, day } = plant.wallTime(nowMs);
              const board = await world.ask<CtpBoard>({ command: 'board' }, people.flow);
              for (const [index, nickname] of ['suprasetter', 'platesetter'].entries()) {
                const spans = model.get(index) ?? [];
                const expected = (fromMs: number) => minutesDown(spans, fromMs, nowMs, calendar, nickname) * 60;
                const card = board.cards[index];
                assert.deepEqual(
                  [card?.downtime_today_s, card?.downtime_month_s],
                  [
                    expected(plant.boundaryMs({ year, month, day })),
                    expected(plant.boundaryMs({ year, month, day: 1 })),
                  ],
                );
                const window = { start_date: new Date(nowMs - 1500 * minuteMs).toISOString(), end_date: now };
                const statistics = await world.ask<CtpStatistics>({
                  command: 'statistics',
                  machine_nickname: nickname,
                  ...window,
                });
                assert.equal(statistics.downtime_s, expected(nowMs - 1500 * minuteMs));
              }
            } finally {
              await world.close();
            }
          }),
          { numRuns: 12 },
        );
      });
    });
  }
}

/** Plays the script through the commands, and keeps beside it what each machine's problems are. */
async function play(world: LogWorld, script: readonly Act[]): Promise<ReadonlyMap<number, readonly Span[]>> {
  const nowMs = world.clock.now().getTime();
  const ago = (minutes: number) => new Date(nowMs - minutes * minuteMs).toISOString();
  const problems: { id: number; machine: number; span: Span; gone: boolean }[] = [];
  for (const [index, act] of script.entries()) {
    // From here on figures of days that are over are stored, and must follow what is changed behind them.
    if (index === Math.ceil(script.length / 2)) await world.send({ command: 'tick' }, people.flow);
    if (act.kind === 'report') {
      const end = act.lasts === null ? null : Math.max(0, act.ago - act.lasts);
      const { id } = await world.ask<CtpProblem>({
        command: 'report',
        machine_id: act.machine + 1,
        severity: 'minor',
        problem_description: `problem ${index}`,
        start_time: ago(act.ago),
        ...(end !== null && { end_time: ago(end) }),
      });
      const span = { startMs: nowMs - act.ago * minuteMs, endMs: end === null ? null : nowMs - end * minuteMs };
      problems.push({ id, machine: act.machine, span, gone: false });
      continue;
    }
    const problem = problems[act.which % Math.max(1, problems.length)];
    if (!problem || problem.gone) continue;
    const { id, span } = problem;
    const instant = nowMs - act.ago * minuteMs;
    if (act.kind === 'start' && instant <= (span.endMs ?? nowMs)) {
      await world.ask({ command: 'correct', id, start_time: ago(act.ago) });
      span.startMs = instant;
    } else if (act.kind === 'end' && instant >= span.startMs) {
      await world.ask({ command: 'correct', id, end_time: ago(act.ago) });
      span.endMs = instant;
    } else if (act.kind === 'complete' && span.endMs === null) {
      await world.ask({ command: 'complete', id });
      span.endMs = nowMs;
    } else if (act.kind === 'reopen' && span.endMs !== null) {
      await world.ask({ command: 'reopen', id, reason: 'came back' });
      span.endMs = null;
    } else if (act.kind === 'void') {
      await world.ask({ command: 'void', id, reason: 'a mistake' });
      problem.gone = true;
    }
  }
  const spansOf = (machine: number) =>
    problems.filter((one) => one.machine === machine && !one.gone).map(({ span }) => span);
  return new Map([0, 1].map((machine) => [machine, spansOf(machine)]));
}

/** The bitmap: every minute of the window in which any span runs and work was planned. */
function minutesDown(
  spans: readonly Span[],
  fromMs: number,
  toMs: number,
  calendar: ShiftCalendar | undefined,
  machine: string,
): number {
  const planned = calendar?.plannedBusy(machine, fromMs, toMs);
  let minutes = 0;
  for (let at = fromMs; at < toMs; at += minuteMs) {
    const isPlanned = planned?.some(({ startMs, endMs }) => startMs <= at && at < endMs) ?? true;
    const isDown = spans.some(({ startMs, endMs }) => startMs <= at && at < (endMs ?? toMs));
    if (isPlanned && isDown) minutes += 1;
  }
  return minutes;
}
