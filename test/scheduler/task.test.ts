import assert from 'node:assert/strict';
import { Task, type TaskSettings } from '../../nodes/scheduler/task.ts';
import { ManualClock } from '../support/manual-clock.ts';

const everyMinute: TaskSettings = {
  task: 2,
  title: 'Read',
  intervalSeconds: 60,
  enabled: true,
  runAtStart: false,
  timeoutSeconds: 300,
  failuresToAlarm: 3,
};

function plant(settings: Partial<TaskSettings> = {}) {
  const clock = new ManualClock();
  const log: string[] = [];
  const runs: string[] = [];
  const task = new Task({ ...everyMinute, ...settings }, clock, {
    onStart: (run) => {
      runs.push(run);
      log.push('start');
    },
    onSkip: () => log.push('skip'),
    onEnd: (outcome, durationMs) => log.push(`${outcome} ${durationMs}`),
    onAlarm: ({ active, failures, since }) =>
      log.push(`${active ? 'alarm on' : 'alarm off'} ${failures} since ${since}`),
  });
  return { clock, task, log, lastRun: () => runs.at(-1) ?? '' };
}

describe('a scheduled task', () => {
  it('runs on its interval', () => {
    const { clock, task, log, lastRun } = plant();
    task.start();
    clock.advance(60_000);
    task.end(lastRun(), 'done');
    clock.advance(60_000);
    assert.deepEqual(log, ['start', 'done 0', 'start']);
  });

  it('is not started twice: a tick that finds it running is skipped and counted', () => {
    const { clock, task, log } = plant();
    task.start();
    clock.advance(180_000);
    assert.deepEqual(log, ['start', 'skip', 'skip']);
    assert.equal(task.status().skippedTicks, 2);
    assert.equal(task.status().runs, 1);
  });

  it('refuses a run by hand while it runs', () => {
    const { task } = plant();
    assert.ok(task.run());
    assert.equal(task.run(), undefined);
  });

  it('keeps its clock still when it is switched off, and still runs by hand', () => {
    const { clock, task, log } = plant({ enabled: false, runAtStart: true });
    task.start();
    clock.advance(600_000);
    assert.deepEqual(log, []);
    assert.ok(task.run());
    assert.equal(task.status().nextRunAt, null);
  });

  it('runs at start when it is told to, and on the interval after that', () => {
    const { clock, task, lastRun } = plant({ runAtStart: true });
    task.start();
    clock.advance(1_000);
    assert.equal(task.status().runs, 1);
    task.end(lastRun(), 'done');
    clock.advance(60_000);
    assert.equal(task.status().runs, 2);
  });

  it('gives up a run whose end never comes, and a late end changes nothing', () => {
    const { clock, task, log, lastRun } = plant();
    task.run();
    const lost = lastRun();
    clock.advance(300_000);
    assert.equal(task.status().lastOutcome, 'timed-out');
    assert.ok(task.run());
    assert.equal(task.end(lost, 'done'), false);
    assert.equal(task.status().running, true);
    assert.deepEqual(log, ['start', 'timed-out 300000', 'start']);
  });

  it('says how the last run ended', () => {
    const { clock, task, lastRun } = plant();
    task.run();
    clock.advance(1_500);
    task.end(lastRun(), 'failed', 'Odoo is away');
    const { lastDurationMs, lastOutcome, lastNote, failures, running } = task.status();
    assert.deepEqual(
      { lastDurationMs, lastOutcome, lastNote, failures, running },
      {
        lastDurationMs: 1_500,
        lastOutcome: 'failed',
        lastNote: 'Odoo is away',
        failures: 1,
        running: false,
      },
    );
  });

  it('leaves no timer behind when it stops', () => {
    const { clock, task } = plant({ runAtStart: true });
    task.start();
    task.run();
    task.stop();
    assert.equal(clock.pendingTimers, 0);
  });

  it('raises one alarm with the failure that is too many, keeps it while it fails, and ends it with the next success', () => {
    const { clock, task, log, lastRun } = plant();
    task.start();
    const run = (outcome: 'done' | 'failed') => {
      clock.advance(60_000);
      task.end(lastRun(), outcome, 'no answer of the PLC');
      return log.splice(0).filter((line) => line.startsWith('alarm'));
    };
    assert.deepEqual([run('failed'), run('failed')], [[], []]);
    assert.equal(task.status().alarm, null);
    const since = '2026-01-05T00:03:00.000Z';
    assert.deepEqual(run('failed'), [`alarm on 3 since ${since}`]);
    assert.match(task.status().alarm?.message ?? '', /^Task 2 failed 3 times in a row, last: no answer of the PLC/);
    assert.deepEqual(run('failed'), []);
    assert.deepEqual([task.status().alarm?.failures, task.status().alarm?.since], [4, since]);
    assert.deepEqual(run('done'), [`alarm off 4 since ${since}`]);
    assert.equal(task.status().alarm, null);
    assert.deepEqual([run('failed'), run('failed'), run('done'), run('failed')], [[], [], [], []]);
  });

  it('counts a run that never reports its end as a failure', () => {
    const { clock, task, log } = plant({ failuresToAlarm: 2, timeoutSeconds: 30 });
    task.start();
    clock.advance(60_000 + 30_000);
    clock.advance(30_000 + 30_000);
    assert.deepEqual(
      log.filter((line) => line.startsWith('alarm')),
      ['alarm on 2 since 2026-01-05T00:02:30.000Z'],
    );
  });
});
