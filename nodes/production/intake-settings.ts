// What the editor or an environment variable gave a machine-status-in node, as checked settings.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { settingText } from '../core/setting-text.ts';
import { defaultMaxMessageBytes, type LinkSettings } from './intake-link.ts';
import { defaultParserSettings } from './reading-parser.ts';
import { isTopicFilter } from './topic-filter.ts';

/** Properties of the node as a flow holds them: numbers may be texts, empty means the default. */
export interface IntakeProperties {
  readonly url?: string;
  readonly clientId?: string;
  readonly topics?: string;
  readonly willTopics?: string;
  readonly timeZone?: string;
  readonly silenceSeconds?: number | string;
  readonly maxInFlight?: number | string;
  readonly maxMessageKib?: number | string;
  readonly clockAheadSeconds?: number | string;
  readonly clockBehindHours?: number | string;
  readonly acknowledge?: string;
}

export interface IntakeCredentials {
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
}

export interface IntakeSettings {
  /** Undefined: messages come by the input only. */
  readonly link: LinkSettings | undefined;
  readonly topics: readonly string[];
  readonly willTopics: readonly string[];
  readonly timeZone: string;
  readonly silenceMs: number;
  readonly clockAheadMs: number;
  readonly clockBehindMs: number;
  readonly awaitsCommit: boolean;
}

const defaultTopic = 'shopfloor/machines/+/status';

/** Throws InvalidInput with every wrong property. */
export function parseIntakeSettings(
  properties: IntakeProperties,
  credentials: IntakeCredentials = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): IntakeSettings {
  const faults: FieldFault[] = [];
  const number = (field: keyof IntakeProperties, fallback: number, least: number, most: number): number => {
    const text = settingText(properties[field]);
    if (text === '') return fallback;
    const value = Number(text);
    if (value >= least && value <= most) return value;
    faults.push({ field, message: `must be a number from ${least} to ${most}` });
    return fallback;
  };
  const filters = (field: 'topics' | 'willTopics', fallback: string): string[] => {
    const list = (settingText(properties[field]) || fallback)
      .split(',')
      .map((topic) => topic.trim())
      .filter((topic) => topic !== '');
    for (const topic of list) {
      if (!isTopicFilter(topic))
        faults.push({ field, message: `"${topic}" is no topic filter such as plant/+/status` });
    }
    return list;
  };
  const topics = filters('topics', defaultTopic);
  const willTopics = filters('willTopics', '');
  if (willTopics.some((topic) => !topic.includes('+')))
    faults.push({ field: 'willTopics', message: 'must hold a + for the machine' });
  const maxInFlight = Math.trunc(number('maxInFlight', 5_000, 1, 60_000));
  const maxMessageBytes = Math.trunc(number('maxMessageKib', defaultMaxMessageBytes / 1024, 1, 65_536) * 1024);
  const acknowledge = settingText(properties.acknowledge) || 'after-commit';
  if (!/^(after-commit|on-delivery)$/.test(acknowledge))
    faults.push({ field: 'acknowledge', message: 'must be after-commit or on-delivery' });
  const settings: IntakeSettings = {
    link: linkOf(properties, credentials, [...topics, ...willTopics], { maxInFlight, maxMessageBytes }, faults),
    topics,
    willTopics,
    timeZone: zoneOf(properties, environment, faults),
    silenceMs: number('silenceSeconds', 60, 0, 86_400) * 1000,
    clockAheadMs: number('clockAheadSeconds', defaultParserSettings.clockAheadMs / 1000, 0, 86_400) * 1000,
    clockBehindMs: number('clockBehindHours', defaultParserSettings.clockBehindMs / 3_600_000, 0.01, 8760) * 3_600_000,
    awaitsCommit: acknowledge === 'after-commit',
  };
  if (faults.length > 0) throw new InvalidInput(faults, 'The setting of machine-status-in');
  return settings;
}

function linkOf(
  properties: IntakeProperties,
  credentials: IntakeCredentials,
  topics: readonly string[],
  limits: Pick<LinkSettings, 'maxInFlight' | 'maxMessageBytes'>,
  faults: FieldFault[],
): LinkSettings | undefined {
  const text = settingText(properties.url);
  if (text === '') return undefined;
  const clientId = settingText(properties.clientId);
  if (!/^[\w.:-]{1,64}$/.test(clientId)) {
    faults.push({
      field: 'clientId',
      message: 'must be a fixed name of at most 64 letters, digits and .:_-; the broker keeps messages for it',
    });
  }
  const url = URL.parse(text);
  if (!url || !/^mqtts?:$/.test(url.protocol) || url.hostname === '') {
    faults.push({ field: 'url', message: 'must be like mqtt://192.168.1.3:1883 or mqtts://broker:8883' });
    return undefined;
  }
  const username = credentials.username?.trim() || decodeURIComponent(url.username) || undefined;
  const password = credentials.password || decodeURIComponent(url.password) || undefined;
  url.username = '';
  url.password = '';
  return {
    url: url.toString(),
    clientId,
    username,
    password,
    certificateAuthority: credentials.ca?.trim() || undefined,
    topics,
    ...limits,
  };
}

function zoneOf(
  properties: IntakeProperties,
  environment: Readonly<Record<string, string | undefined>>,
  faults: FieldFault[],
): string {
  const zone = settingText(properties.timeZone) || environment.TZ_PLANT?.trim() || 'Asia/Jakarta';
  try {
    return plantTimeOf(zone).zone;
  } catch {
    faults.push({ field: 'timeZone', message: `"${zone}" is no time zone such as Asia/Jakarta` });
    return 'Asia/Jakarta';
  }
}
