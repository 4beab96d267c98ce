// One word, one icon and one tone for each band and each state of an alarm.
import type { AlarmState, ComponentHealth, HealthAlarm, HealthBand } from '../../nodes/health/messages.ts';
import type { StateWord } from '../common/state-words.ts';

export const bandWords: Readonly<Record<HealthBand, StateWord>> = {
  excellent: { key: 'band.excellent', icon: 'check-circle-outline', tone: 'neutral' },
  good: { key: 'band.good', icon: 'check-circle-outline', tone: 'neutral' },
  fair: { key: 'band.fair', icon: 'minus-circle-outline', tone: 'neutral' },
  poor: { key: 'band.poor', icon: 'alert', tone: 'warning' },
  critical: { key: 'band.critical', icon: 'alert-octagon', tone: 'alarm' },
  unknown: { key: 'band.unknown', icon: 'help-circle-outline', tone: 'notice' },
};

export const alarmWords: Readonly<Record<AlarmState, StateWord>> = {
  normal: { key: 'alarm.normal', icon: 'bell-outline', tone: 'quiet' },
  unacknowledged: { key: 'alarm.unacknowledged', icon: 'bell-ring', tone: 'alarm' },
  acknowledged: { key: 'alarm.acknowledged', icon: 'bell-check', tone: 'warning' },
  'returned-unacknowledged': { key: 'alarm.returned-unacknowledged', icon: 'bell-badge-outline', tone: 'notice' },
  shelved: { key: 'alarm.shelved', icon: 'bell-sleep', tone: 'quiet' },
  suppressed: { key: 'alarm.suppressed', icon: 'bell-off', tone: 'quiet' },
};

/** Who looks at the component should first see what asks for somebody. */
export function toneOfComponent({ alarm, band }: ComponentHealth) {
  const word = alarm === 'normal' ? bandWords[band] : alarmWords[alarm];
  return alarm === 'shelved' || alarm === 'suppressed' ? 'quiet' : word.tone;
}

export const measureQuality = {
  good: { key: 'measure.good', icon: 'check', tone: 'quiet' },
  bad: { key: 'measure.bad', icon: 'alert', tone: 'warning' },
  stale: { key: 'measure.stale', icon: 'clock-alert-outline', tone: 'warning' },
} as const satisfies Readonly<Record<string, StateWord>>;

/** Why and by whom; nothing of what came by itself and has no reason. */
export function byWhom({ reason, actor }: Pick<HealthAlarm, 'reason' | 'actor'>): string {
  return [reason, actor === 'system' ? null : actor].filter(Boolean).join(' · ');
}
