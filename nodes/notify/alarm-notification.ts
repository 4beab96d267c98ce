// An alarm of any room as a notification: who is told by the plant's rules, in which words, once for each time that it begins.
import { createHash } from 'node:crypto';
import type { FieldFault } from '../core/errors.ts';
import { InvalidInput } from '../core/errors.ts';
import { plainText } from '../core/plain-text.ts';
import type { FloodVerdict } from './alarm-flood.ts';
import { type AlarmRule, namedRuleFor, ruleFor } from './alarm-rules.ts';
import { alarmWords } from './alarm-words.ts';
import type { NotifyCommand, PlantAlarm } from './messages.ts';

/** Where the batch loop's alarms are looked at. */
const usualLink = '/dashboard/batches';

/** Narrows an alarm: code, whether it began or ended, since when. Throws InvalidInput. */
export function parseAlarm(input: unknown): PlantAlarm {
  const given: Readonly<Record<string, unknown>> =
    typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const faults: FieldFault[] = [];
  const code = plainText(given.code).trim();
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/.test(code)) {
    faults.push({ field: 'code', message: 'must be letters, digits and dashes, such as batch-failed' });
  }
  const since = plainText(given.since).trim();
  if (Number.isNaN(Date.parse(since))) faults.push({ field: 'since', message: 'must be an instant of ISO 8601' });
  if (typeof given.active !== 'boolean') faults.push({ field: 'active', message: 'must be true or false' });
  if (faults.length > 0) throw new InvalidInput(faults, 'The alarm');
  const optional = (field: string) => {
    const text = plainText(given[field]).trim();
    return text === '' ? {} : { [field]: text };
  };
  return {
    code,
    active: given.active === true,
    since,
    message: plainText(given.message),
    ...optional('line'),
    ...optional('orderName'),
    ...optional('slot'),
    ...optional('subject'),
    ...optional('key'),
    ...optional('link'),
  };
}

/** Undefined when the rules tell this to no person, or its flood has been told. */
export function notificationOf(
  alarm: PlantAlarm,
  rules: readonly AlarmRule[],
  flood: (code: string) => FloodVerdict,
): NotifyCommand | undefined {
  const rule = ruleFor(rules, alarm.code);
  if (!rule || rule.severity === 'silent' || (!alarm.active && !rule.ended)) return undefined;
  const verdict = alarm.active ? flood(alarm.code) : 'tell';
  if (verdict === 'hold') return undefined;
  const words = alarmWords(alarm.code);
  const about = aboutOf(alarm);
  const common = { command: 'notify', type: typeOf(alarm.code), recipients: rule.recipients } as const;
  const link = alarm.link ?? usualLink;
  if (verdict === 'summary') {
    return {
      ...common,
      severity: rule.severity,
      title: cut(`${words}: lebih dari 10 dalam 10 menit / more than 10 in 10 minutes`, 200),
      body: 'Yang berikutnya tidak diberitahukan satu per satu; lihat halamannya. / Further ones are not told one by one; look at the page.',
      link,
      dedupeKey: short(`flood ${alarm.code} ${alarm.since} ${alarm.key ?? about}`),
    };
  }
  const key = `${alarm.code} ${alarm.line ?? ''} ${alarm.key ?? about} ${alarm.since}`;
  const began = alarm.active;
  return {
    ...common,
    severity: began ? rule.severity : 'info',
    title: cut(began ? `${words}: ${about}` : `Selesai / Over: ${words}: ${about}`, 200),
    ...(alarm.message !== '' && { body: cut(alarm.message, 4000) }),
    link,
    dedupeKey: short(began ? key : `ended ${key}`),
  };
}

/** A notice that a room wrote itself; a rule that names its type decides who is told. Undefined when that rule is silent. */
export function reroute(command: NotifyCommand, rules: readonly AlarmRule[]): NotifyCommand | undefined {
  const rule = command.type === undefined ? undefined : namedRuleFor(rules, command.type);
  if (!rule) return command;
  if (rule.severity === 'silent') return undefined;
  const { machines } = command.recipients;
  return { ...command, severity: rule.severity, recipients: { ...rule.recipients, ...(machines && { machines }) } };
}

function aboutOf({ subject, orderName, slot, line }: PlantAlarm): string {
  if (subject !== undefined) return subject;
  if (orderName !== undefined) return orderName;
  return slot === undefined ? (line ?? 'Shopfloor') : `${line === undefined ? '' : `${line} `}slot ${slot}`;
}

function typeOf(code: string): string {
  return code.toLowerCase().replaceAll('-', '_').replace(/^\d/, 'alarm_$&').slice(0, 60);
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** The key of a notification has at most 200 characters; of a longer one its digest stays different. */
function short(key: string): string {
  return key.length <= 200 ? key : createHash('sha256').update(key).digest('hex');
}
