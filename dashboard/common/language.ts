// Texts, masses, instants and ages in the language of the person who looks.
import { computed, ref } from 'vue';
import type { Language } from '../../nodes/access/messages.ts';
import { catalogues, type TextKey } from '../catalogues/index.ts';
import { inPlantZone } from './plant-clock.ts';
import { chosenLanguage } from './preferences.ts';

/** Language of the account, until a person chooses another on this tablet. */
export const accountLanguage = ref<Language>('id');
let account = '';

/** Takes the language of the person on this page, once: a choice made since then is newer than what the page was opened with. */
export function learnAccount(user: { readonly id: string; readonly language: Language }): void {
  if (user.id === account) return;
  account = user.id;
  accountLanguage.value = user.language;
}

export const language = computed<Language>(() =>
  chosenLanguage.value === 'account' ? accountLanguage.value : chosenLanguage.value,
);

/** Shown for everything that is not known. */
export const missing = '–';

/** The text of `key` with `{name}` replaced by `values.name`. */
export function text(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return catalogues[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The text of `prefix` + `code` where the catalogue has one, else of `fallback`. */
export function textOf(prefix: string, code: string, fallback: TextKey): string {
  const key = `${prefix}${code}`;
  return text(isKey(key) ? key : fallback);
}

export function hasText(key: string): boolean {
  return isKey(key);
}

function isKey(key: string): key is TextKey {
  return Object.hasOwn(catalogues.id, key);
}

/** For `Intl`. */
export const locale = computed(() => locales[language.value]);

const locales: Readonly<Record<Language, string>> = { id: 'id-ID', 'en-US': 'en-US' };

/** Kilograms with the language's separators; `–` for null. Two decimals is what the PLC counts in. */
export function kg(centiKg: number | null, decimals = 2): string {
  if (centiKg === null) return missing;
  return new Intl.NumberFormat(locales[language.value], {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(centiKg / 100);
}

/** A deviation with its sign: `+12,50`, `−3,00`. */
export function signedKg(centiKg: number | null, decimals = 2): string {
  if (centiKg === null) return missing;
  return `${centiKg > 0 ? '+' : centiKg < 0 ? '−' : ''}${kg(Math.abs(centiKg), decimals)}`;
}

/** A share with its sign and one decimal; `–` when the whole is nothing. */
export function signedPercent(part: number | null, whole: number): string {
  if (part === null || whole <= 0) return missing;
  const percent = new Intl.NumberFormat(locales[language.value], {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(Math.abs((part / whole) * 100));
  const shown = Math.round((part / whole) * 1000);
  return `${shown > 0 ? '+' : shown < 0 ? '−' : ''}${percent} %`;
}

/** A day without its year is read as the latest one of that name. */
const yearAfterMs = 300 * 86_400_000;

/** Day and time on the plant's clock, with the year where it is long ago; `–` for null. */
export function instant(iso: string | null): string {
  if (iso === null) return missing;
  return new Intl.DateTimeFormat(locales[language.value], {
    ...inPlantZone(),
    day: '2-digit',
    month: 'short',
    ...(Date.now() - Date.parse(iso) > yearAfterMs && { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** How long ago, in steps that do not flicker. */
export function age(seconds: number): string {
  if (seconds < 10) return text('age.now');
  if (seconds < 60) return text('age.seconds', { count: Math.floor(seconds / 10) * 10 });
  if (seconds < 3600) return text('age.minutes', { count: Math.floor(seconds / 60) });
  if (seconds < 172_800) return text('age.hours', { count: Math.floor(seconds / 3600) });
  return text('age.days', { count: Math.floor(seconds / 86_400) });
}

/** `silo_a` as people say it. */
export function siloName(tag: string): string {
  const silo = /^silo_([a-z])$/.exec(tag)?.[1];
  if (silo) return text('silo.silo', { name: silo.toUpperCase() });
  const tank = /^lq(\d+)$/.exec(tag)?.[1];
  if (tank) return text('silo.tank', { name: tank });
  return text('silo.other', { name: tag.replace(/^equipment_/, '') });
}
