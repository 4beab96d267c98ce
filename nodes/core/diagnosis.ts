// What `npm run doctor` finds in one outside system, a line for each check.

export interface Diagnosis {
  /** What was checked, such as "guard word D7076". */
  readonly check: string;
  readonly verdict: 'works' | 'doubtful' | 'fails';
  /** What was seen. */
  readonly found: string;
  /** What to do; present unless it works. */
  readonly advice?: string;
}
