// An interval in short words for a status and a log line: `2 s`, `5 min`, `60 min`, `72 h`.

/** Seconds up to two minutes, hours from two days on, minutes between; two decimals at most. */
export function intervalText(seconds: number): string {
  if (seconds < 120) return `${rounded(seconds)} s`;
  return seconds < 48 * 3600 ? `${rounded(seconds / 60)} min` : `${rounded(seconds / 3600)} h`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
