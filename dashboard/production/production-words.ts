// One word, one icon and one tone for each state of a machine, and what of a card asks for somebody.
import type { MachineState, ProductionCard, StateSpan } from '../../nodes/production/messages.ts';
import type { StateWord, Tone } from '../common/state-words.ts';

export const machineStateWords: Readonly<Record<MachineState, StateWord>> = {
  running: { key: 'machine.running', icon: 'play', tone: 'neutral' },
  error: { key: 'machine.error', icon: 'alert-octagon', tone: 'alarm' },
  downtime: { key: 'machine.downtime', icon: 'alert-octagon', tone: 'alarm' },
  maintenance: { key: 'machine.maintenance', icon: 'wrench', tone: 'warning' },
  stopped: { key: 'machine.stopped', icon: 'stop', tone: 'warning' },
  idle: { key: 'machine.idle', icon: 'pause', tone: 'quiet' },
  setup: { key: 'machine.setup', icon: 'tune', tone: 'notice' },
  changeover: { key: 'machine.changeover', icon: 'swap-horizontal', tone: 'notice' },
  offline: { key: 'machine.offline', icon: 'lan-disconnect', tone: 'warning' },
};

const unheard: StateWord = { key: 'machine.stale', icon: 'clock-alert-outline', tone: 'warning' };
const unknownState: StateWord = { key: 'machine.other', icon: 'help-circle-outline', tone: 'warning' };

/** A planned stop is no reason to hurry, whatever its state is called. */
export function wordOfState(state: string, planned: boolean): StateWord {
  const word = Object.hasOwn(machineStateWords, state) ? machineStateWords[state as MachineState] : unknownState;
  return planned && word.tone !== 'neutral' ? { ...word, tone: 'quiet' } : word;
}

/** The span that lasts. */
export function currentSpan(card: ProductionCard): StateSpan | undefined {
  return card.timeline.findLast(({ end }) => end === null);
}

/** What the card shows: an old state is no state. */
export function wordOfCard(card: ProductionCard): StateWord {
  if (card.stale && card.state !== 'offline') return unheard;
  return wordOfState(card.state, currentSpan(card)?.planned ?? false);
}

export function toneOfCard(card: ProductionCard): Tone {
  return wordOfCard(card).tone;
}

/** Pieces that are missing to what should be made by now; null where nobody set a target, or nothing is missing. */
export function behindBy({ shift, target_by_now }: ProductionCard): number | null {
  if (!shift || target_by_now === null) return null;
  const missing = target_by_now - shift.production;
  return missing > target_by_now * toleratedShare ? missing : null;
}

/** A machine counts as behind from a twentieth on: less is the rhythm of its work. */
const toleratedShare = 0.05;

export type Attention = 'stopped' | 'reason' | 'behind' | 'silent';

/** Why somebody should look at this machine; empty when all is well. */
export function attentionOf(card: ProductionCard): ReadonlySet<Attention> {
  const found = new Set<Attention>();
  const tone = toneOfCard(card);
  const silent = card.stale || card.state === 'offline';
  if (silent && tone !== 'quiet') found.add('silent');
  if (!silent && (tone === 'alarm' || tone === 'warning')) found.add('stopped');
  if (card.reason_needed) found.add('reason');
  if (behindBy(card) !== null) found.add('behind');
  return found;
}

/** Look of a span on the timeline. */
export function lookOf({ state, planned }: Pick<StateSpan, 'state' | 'planned'>): string {
  if (state === 'offline') return 'unknown';
  if (state === 'running') return 'running';
  if (planned) return 'planned';
  const { tone } = wordOfState(state, false);
  return tone === 'alarm' ? 'alarm' : tone === 'warning' ? 'warning' : 'waiting';
}
