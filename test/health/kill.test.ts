// The process is killed at any moment: no alarm is lost and none is told twice. KILLS sets another number of deaths.
// Suite: long. The long form kills a hundred times.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noticeOf } from '../../nodes/health/alarm-notice.ts';
import type { HealthAdvice, HealthAlarm } from '../../nodes/health/messages.ts';
import { openHealth } from '../../nodes/health/open-health.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { figure } from '../support/figures.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { runSize } from '../support/run-size.ts';
import { giveStep, storySettings, storyStart } from './kill-story.ts';

const kills = Number(process.env.KILLS ?? runSize({ short: 15, long: 100 }));
const steps = 300;

type FromChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly step: number }
  | { readonly kind: 'out'; readonly topic: string; readonly payload: HealthAlarm | HealthAdvice };

/** A transition without what differs between two lives: the alarm's id. */
const told = ({ id: _id, ...rest }: HealthAlarm) => rest;

describe('a health room whose process is killed', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-health-kill-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const undisturbed = async (): Promise<HealthAlarm[]> => {
    const store = await openStore(`sqlite:${join(directory, 'calm.sqlite')}`);
    const clock = new ManualClock(storyStart);
    const health = await openHealth(store, storySettings, { clock });
    const alarms: HealthAlarm[] = [];
    for (let step = 1; step <= steps; step += 1) {
      await giveStep(step, health, clock);
      await health.drain(({ topic, payload }) => {
        if (topic === 'health/alarm') alarms.push(payload as HealthAlarm);
      });
    }
    await store.close();
    return alarms;
  };

  it(`tells every transition, each by one name, after ${kills} deaths at random moments`, async function () {
    this.timeout(120_000 + kills * 10_000);
    const expected = await undisturbed();
    assert(expected.length > 30, `the story has alarms: ${expected.length}`);
    const url = `sqlite:${join(directory, 'killed.sqlite')}`;
    const received: HealthAlarm[] = [];
    let step = 1;
    let deaths = 0;
    while (step <= steps) {
      const child = fork(new URL('./kill-child.ts', import.meta.url), [url], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const life = deaths < kills ? 1 + Math.floor((Math.random() * 2 * steps) / kills) : Number.POSITIVE_INFINITY;
      step = await live(child, step, life, received);
      if (child.exitCode === null && child.signalCode === null) {
        const died = once(child, 'exit');
        child.kill('SIGKILL');
        await died;
      }
      deaths += 1;
    }
    /** What a receiver keeps that knows a name it has seen, as notify does. */
    const kept = [...new Map(received.map((alarm) => [alarm.transition, alarm])).values()];
    assert.deepEqual(kept.map(told), expected.map(told));
    for (const alarm of received) {
      const first = received.find((other) => other.transition === alarm.transition);
      assert.deepEqual(alarm, first, 'a name always means the same transition');
    }
    const notices = kept.flatMap((alarm) => noticeOf(alarm, alarm.machine)?.dedupeKey ?? []);
    assert.equal(new Set(notices).size, notices.length);
    figure('kills', deaths);
    figure('transitions of alarms told again after a kill', received.length - kept.length);
  });
});

/** Gives steps from `from` on until the child has lived for `life` of them. @returns the first step that is not confirmed */
function live(child: ChildProcess, from: number, life: number, received: HealthAlarm[]): Promise<number> {
  return new Promise((resolve) => {
    let step = from;
    let given = 0;
    const next = () => {
      if (step > steps) {
        resolve(step);
        return;
      }
      given += 1;
      child.send({ step });
      // Half of the deaths come while the room works on a step, half between two.
      if (given >= life) setTimeout(() => resolve(step), Math.random() * 6);
    };
    child.on('message', (message) => {
      const news = message as FromChild;
      if (news.kind === 'out') {
        if (news.topic === 'health/alarm') received.push(news.payload as HealthAlarm);
        return;
      }
      if (news.kind === 'done') step = news.step + 1;
      if (given < life) next();
    });
    child.on('exit', () => resolve(step));
  });
}
