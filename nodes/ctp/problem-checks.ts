// What must hold of a problem whoever writes it: the order of its instants, words of the plant, one open problem of a kind.
import { type FieldFault, InvalidInput, ShopfloorError } from '../core/errors.ts';
import { type ChangedField, isOpen, type Problem, wireName } from './problem.ts';

/** A tablet's clock may run ahead of the server's by this much; what lies in between is taken as now. */
export const clockToleranceMs = 2 * 60_000;

/** A clock that lost its battery begins at 1970, and a slip of the finger is soon a century: no such start is true. */
const earliestStartMs = Date.UTC(2000, 0, 1);

/** Words that the plant knows; `codes` empty: the plant keeps no list, and any well-formed code but a retired one is taken. */
export interface PlantCodes {
  readonly codes: ReadonlySet<string>;
  readonly retiredCodes: ReadonlySet<string>;
  readonly categories: ReadonlySet<string>;
}

/** A command that doesn't fit the problem's state; whoever answers it adds the state as it is then. */
export class ProblemConflict extends ShopfloorError {
  readonly problemId: number;

  constructor(code: string, message: string, problem: { readonly id: number }, hint?: string) {
    super(code, 409, message, { ...(hint !== undefined && { hint }) });
    this.problemId = problem.id;
  }
}

/** What an open problem is told apart by. */
export type OpenBeside = Pick<Problem, 'id' | 'error_code' | 'category' | 'same_kind' | 'problem_description'>;

export type Times = Pick<Problem, 'start_ms' | 'response_ms' | 'end_ms'>;

/**
 * The year 2000 <= start <= response <= end <= now. An instant that a fast clock put just ahead of now is now.
 * @param written fields that this command writes; only their order is put right or refused
 */
export function checkedTimes(times: Times, nowMs: number, written?: ReadonlySet<ChangedField>): Times {
  const faults: FieldFault[] = [];
  const past = (field: keyof Times, what: string): number | null => {
    const value = times[field];
    if (value === null || value <= nowMs || (written && !written.has(field))) return value;
    if (value > nowMs + clockToleranceMs)
      faults.push({ field: wireName(field), message: `${what} must not be in the future`, code: 'in-the-future' });
    return nowMs;
  };
  const start_ms = past('start_ms', 'the start') ?? nowMs;
  const response_ms = past('response_ms', "the technician's arrival");
  const end_ms = past('end_ms', 'the end');
  if (start_ms < earliestStartMs && (written?.has('start_ms') ?? true))
    faults.push({ field: 'start_time', message: 'must not be before the year 2000', code: 'too-early' });
  if (end_ms !== null && end_ms < start_ms)
    faults.push({ field: 'end_time', message: 'must not be before start_time', code: 'before-start' });
  if (response_ms !== null && response_ms < start_ms) {
    faults.push({ field: 'response_time', message: 'must not be before start_time', code: 'before-start' });
  }
  if (response_ms !== null && end_ms !== null && response_ms > end_ms) {
    faults.push({ field: 'response_time', message: 'must not be after end_time', code: 'after-end' });
  }
  if (faults.length > 0) throw new InvalidInput(faults, 'The problem');
  return { start_ms, response_ms, end_ms };
}

/** A word that was known when it was written stays valid for its problem. */
export function refuseUnknownWords(after: Problem, before: Problem | undefined, known: PlantCodes): void {
  const faults: FieldFault[] = [];
  const { error_code, category } = after;
  if (
    error_code !== null &&
    error_code !== before?.error_code &&
    (known.codes.size > 0 ? !known.codes.has(error_code) : known.retiredCodes.has(error_code))
  ) {
    const message = `${error_code} is not in the plant's list of codes`;
    faults.push({ field: 'error_code', message, code: 'unknown-code', values: { code: error_code } });
  }
  if (category !== null && category !== before?.category && !known.categories.has(category)) {
    const choices = [...known.categories].join(', ');
    faults.push({ field: 'category', message: `must be one of ${choices}`, code: 'choice', values: { choices } });
  }
  if (faults.length > 0) throw new InvalidInput(faults, 'The problem');
}

/** One open problem of a kind on a machine; without code and category, one of the same words. */
export function refuseSecond(after: Problem, openBeside: readonly OpenBeside[]): void {
  if (!isOpen(after.status)) return;
  const words = (text: string) => text.trim().replace(/\s+/g, ' ').toLowerCase();
  const first = openBeside.find((other) => {
    if (other.id === after.id) return false;
    if (after.same_kind !== null) return other.same_kind === after.same_kind;
    return other.same_kind === null && words(other.problem_description) === words(after.problem_description);
  });
  if (!first) return;
  const kind = after.error_code ?? after.category ?? 'this description';
  throw new ProblemConflict(
    'second-open-problem',
    `Problem ${first.id} with ${kind} is open on this machine already.`,
    first,
    'Add to that one, or give this one its own code or category.',
  );
}
