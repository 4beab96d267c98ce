// A day of two machines as numbered steps that give the same every time: windows, silence, planned stops, people, time.
import { defaultFlood } from '../../nodes/health/alarm-desk.ts';
import type { HealthSettings } from '../../nodes/health/component-judge.ts';
import { defaultModel } from '../../nodes/health/index-model.ts';
import type { OpenHealth } from '../../nodes/health/open-health.ts';
import { defaultTrigger } from '../../nodes/health/trigger.ts';
import { seededRandom } from '../../nodes/plc/simulator/seeded-random.ts';
import type { ManualClock } from '../support/manual-clock.ts';

export const storySettings: HealthSettings = {
  model: { ...defaultModel, rpnCeiling: null, staleAfterMs: 120_000 },
  trigger: {
    ...defaultTrigger,
    smoothingMs: 15_000,
    onDelayMs: 10_000,
    onSamples: 2,
    offDelayMs: 20_000,
    offSamples: 2,
    coolDownMs: 60_000,
    reAlarmMs: 300_000,
  },
  flood: { ...defaultFlood, alarms: 4 },
};

export const storyStart = '2026-01-05T00:00:00Z';
const stepMs = 10_000;
const components = ['Feeder', 'Pre-Feeder', 'Printing', 'Slotter', 'Stacker'];

/** Step `n` of the story; giving it twice must change nothing more. */
export async function giveStep(n: number, { room }: OpenHealth, clock: ManualClock): Promise<void> {
  const random = seededRandom(n);
  const atMs = Date.parse(storyStart) + n * stepMs;
  clock.advance(Math.max(0, atMs - clock.now().getTime()));
  const component = components[Math.floor(random() * components.length)] ?? 'Feeder';
  const person = { machine: 'C_FL104', component, commandId: `step-${n}` };
  const actor = { name: 'ani', via: 'session' } as const;
  const kind = random();
  if (kind < 0.08) {
    await room.tick();
  } else if (kind < 0.16) {
    await refusedIsFine(room.decide({ command: 'acknowledge', ...person }, actor));
  } else if (kind < 0.2) {
    await room.decide({ command: 'shelve', ...person, minutes: 3, reason: 'waits for a part' }, actor);
  } else {
    const oee = 0.5 + 0.5 * Math.sin(n / 9) + 0.1 * (random() - 0.5);
    await room.takeWindow({
      machine: 'C_FL104',
      at: new Date(atMs).toISOString(),
      windowMs: 1_800_000,
      availability: null,
      effectiveness: null,
      quality: null,
      oee: Math.min(1, Math.max(0, oee)),
      state: 'running',
      planned: kind > 0.95,
      stale: kind > 0.9 && kind <= 0.95,
      shift: '1',
      shiftProduction: n,
      shiftDefects: 0,
      cause: null,
    });
  }
}

/** Nothing to acknowledge just now. */
async function refusedIsFine(decision: Promise<unknown>): Promise<void> {
  try {
    await decision;
  } catch (error) {
    if ((error as { code?: string }).code !== 'alarm-state') throw error;
  }
}
