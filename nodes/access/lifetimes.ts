// How long a secret works that somebody hands out: one-time passwords and API tokens.

/** A weekend and a day: long enough for who is not there when the password is reset. */
export const oneTimeDays = 3;
/** A token is renewed once a year, or sooner. */
export const mostTokenDays = 365;

export function afterDays(now: Date, days: number): string {
  return new Date(now.getTime() + days * 24 * 60 * 60_000).toISOString();
}
