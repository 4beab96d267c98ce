// A setting as text: trimmed, and empty when it names an environment variable that is not set.

/** Node-RED leaves `${NAME}` as it is when there is no such variable. */
export function settingText(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return /^\$\{[^}]*\}$/.test(text) ? '' : text;
}
