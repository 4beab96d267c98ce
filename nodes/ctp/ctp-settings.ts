// What the editor or an environment variable gave a ctp-problem-log node, as checked settings.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { type PlantTime, plantTimeOf } from '../core/plant-time.ts';
import { settingText } from '../core/setting-text.ts';
import type { LogSettings } from './log-parts.ts';
import { type EscalationLimits, type NoticeLanguage, noticeLanguages } from './notices.ts';

/** Properties of the node as a flow holds them; empty means the default. */
export interface CtpProperties {
  /** IANA name. */
  timeZone?: string;
  /** Minutes, one or two, such as `30, 120`; `never` for none. */
  escalateStop?: string;
  escalateSlow?: string;
  escalateMinor?: string;
  noticeLanguage?: string;
  /** Path of the page that a notice leads to. */
  page?: string;
}

/** A stopped machine is told within half an hour and again after two; what runs badly within the shift; the rest next day. */
const defaultLimits = { stop: [30, 120], slow: [240, 960], minor: [1_440, 4_320] } as const;
const defaultZone = 'Asia/Jakarta';
const defaultPage = '/dashboard/ctp-machine';
/** A limit longer than a month is never meant. */
const longestMinutes = 43_200;

/** Throws InvalidInput with every wrong property. */
export function parseCtpSettings(properties: CtpProperties): LogSettings {
  const faults: FieldFault[] = [];
  const settings: LogSettings = {
    plant: zoneOf(properties.timeZone, faults),
    limits: {
      stop: limitsOf('escalateStop', properties.escalateStop, defaultLimits.stop, faults),
      slow: limitsOf('escalateSlow', properties.escalateSlow, defaultLimits.slow, faults),
      minor: limitsOf('escalateMinor', properties.escalateMinor, defaultLimits.minor, faults),
    } satisfies EscalationLimits,
    notices: { language: languageOf(properties.noticeLanguage, faults), page: pageOf(properties.page, faults) },
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The setting of ctp-problem-log');
  return settings;
}

function zoneOf(given: string | undefined, faults: FieldFault[]): PlantTime {
  const zone = settingText(given) || defaultZone;
  try {
    return plantTimeOf(zone);
  } catch {
    faults.push({ field: 'timeZone', message: `"${zone}" is no time zone such as Asia/Jakarta` });
    return plantTimeOf(defaultZone);
  }
}

function limitsOf(
  field: string,
  given: string | undefined,
  fallback: readonly number[],
  faults: FieldFault[],
): readonly number[] {
  const text = settingText(given);
  if (text === '') return fallback;
  if (text.toLowerCase() === 'never') return [];
  const minutes = text.split(',').map((part) => Number(part.trim() || 'none'));
  const isRising = minutes.every((limit, index) => limit > (minutes[index - 1] ?? 0));
  const isTaken =
    minutes.length <= 2 && isRising && minutes.every((limit) => Number.isInteger(limit) && limit <= longestMinutes);
  if (!isTaken) {
    faults.push({
      field,
      message: `must be one or two rising whole minutes up to ${longestMinutes}, such as 30, 120, or never`,
    });
  }
  return isTaken ? minutes : fallback;
}

function languageOf(given: string | undefined, faults: FieldFault[]): NoticeLanguage {
  const text = settingText(given) || 'id';
  const language = noticeLanguages.find((known) => known === text);
  if (!language) faults.push({ field: 'noticeLanguage', message: `must be one of ${noticeLanguages.join(', ')}` });
  return language ?? 'id';
}

function pageOf(given: string | undefined, faults: FieldFault[]): string {
  const page = settingText(given) || defaultPage;
  if (!/^\/(?![/\\])[\w./-]{1,200}$/.test(page)) {
    faults.push({ field: 'page', message: 'must be a path inside this server, such as /dashboard/ctp-machine' });
  }
  return page;
}
