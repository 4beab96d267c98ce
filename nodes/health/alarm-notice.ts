// The notification of an alarm that asks for somebody, as the node notify takes it.
import type { NotifyCommand, Recipients } from '../notify/messages.ts';
import type { HealthAlarm } from './messages.ts';

export const alarmRecipients: Recipients = { roles: ['maintenance', 'supervisor'] };

/** Null for transitions that ask for nobody: only an unacknowledged alarm does. */
export function noticeOf(alarm: HealthAlarm, machineName: string): NotifyCommand | null {
  if (alarm.state !== 'unacknowledged') return null;
  const { machine, component } = alarm;
  const index = alarm.index === null ? '–' : alarm.index.toFixed(1);
  return {
    command: 'notify',
    type: 'health_critical',
    recipients: alarmRecipients,
    severity: 'alarm',
    title: `${machineName} ${component}: kesehatan kritis / health critical (${index})`,
    body: `Indeks ${index.replace('.', ',')} di bawah ambang ${alarm.threshold}. / Index ${index} is below the threshold of ${alarm.threshold}.`,
    link: `/dashboard/health?${new URLSearchParams({ machine, component }).toString()}`,
    dedupeKey: alarm.transition,
  };
}
