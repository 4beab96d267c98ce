// The one rule for what a setting of a node holds: a text, or nothing, and which environment variable was meant.

/** A property that names a variable and nothing else; the second form is Node-RED's older one, which it still replaces. */
const variablePattern = /^\$(?:\{(\S+)\}|\((\S+)\))$/;

/** How a property says that a variable of the environment holds its value. */
export function variableReference(name: string): string {
  return `\${${name}}`;
}

/**
 * Name of the environment variable that the setting still names; Node-RED leaves the name standing when there is no such
 * variable. Undefined for any other setting. In the editor every setting that names a variable is still as it was typed.
 */
export function namedVariable(value: unknown): string | undefined {
  const match = typeof value === 'string' ? variablePattern.exec(value.trim()) : null;
  return match?.[1] ?? match?.[2];
}

/**
 * The setting as trimmed text; empty when it is missing, empty, or names a variable that is not set.
 * @param whenUnset what holds instead when the variable is not set; a variable that is set to nothing stays nothing
 */
export function settingText(value: unknown, whenUnset?: unknown): string {
  if (namedVariable(value) !== undefined) return whenUnset === undefined ? '' : settingText(whenUnset);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).trim()
    : '';
}

/**
 * Whether a node only watches: its own switch, or `SHOPFLOOR_WATCH_ONLY` for all of them. A word that is neither on nor off
 * counts as on, because what is not written can still be written later.
 */
export function watchesOnly(own: unknown, environment: Readonly<Record<string, string | undefined>>): boolean {
  return [own, environment.SHOPFLOOR_WATCH_ONLY].some((value) => settingSwitch(value, false) !== false);
}

/** Missing, empty, or a variable that is not set; a list or an object is something. */
export function isUnset(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && settingText(value) === '';
}

/**
 * The setting as on or off; `absent` when nothing is set, undefined for a text that is neither.
 * Words are those that `npm start` takes for a switch.
 */
export function settingSwitch(value: unknown, absent: boolean): boolean | undefined {
  const text = settingText(value).toLowerCase();
  if (text === '') return absent;
  if (['true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off'].includes(text)) return false;
  return undefined;
}
