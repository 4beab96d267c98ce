// The rules of a problem's life: what may be reported, corrected, completed, reopened and voided; each decision is a pure function.
import type { Actor } from '../core/actor.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { type ChangedField, type FieldChanges, isOpen, type Problem, sameKindOf, wireName } from './problem.ts';
import {
  checkedTimes,
  type OpenBeside,
  type PlantCodes,
  ProblemConflict,
  refuseSecond,
  refuseUnknownWords,
} from './problem-checks.ts';

export interface NewEvent {
  readonly type: string;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Decision {
  readonly after: Problem;
  /** Empty: nothing changed. */
  readonly events: readonly NewEvent[];
}

export interface RuleContext {
  readonly nowMs: number;
  readonly actor: Actor;
  readonly known: PlantCodes;
  /** Open problems of the machine that the problem is on afterwards. */
  readonly openBeside: readonly OpenBeside[];
}

/** What the actor may change of one problem; decided before, as rights are read outside the transaction. */
export interface EditRights {
  /** Every field of every problem. */
  readonly leads: boolean;
  /** Every field of what the actor has reported, while it is open. */
  readonly own: boolean;
  /** Solution, parts and end of every problem. */
  readonly repairs: boolean;
}

export type NewProblem = FieldChanges &
  Pick<Problem, 'machine_id' | 'severity' | 'problem_description' | 'technician_type'>;

/** The first state of a problem; with an end it is completed at once. `id` is 0 until it is recorded. */
export function decideReport(given: NewProblem, context: RuleContext): Decision {
  const { nowMs, actor } = context;
  const start_ms = given.start_ms ?? nowMs;
  const fields = checkedTimes(
    { start_ms, response_ms: given.response_ms ?? null, end_ms: given.end_ms ?? null },
    nowMs,
  );
  const draft: Problem = {
    id: 0,
    machine_id: given.machine_id,
    problem_ms: nowMs,
    error_code: given.error_code ?? null,
    category: given.category ?? null,
    severity: given.severity,
    problem_description: given.problem_description,
    solution: given.solution ?? null,
    technician_type: given.technician_type,
    technician_name: given.technician_name ?? null,
    vendor_name: given.vendor_name ?? null,
    ...fields,
    status: fields.end_ms === null ? 'ongoing' : 'completed',
    void_reason: null,
    parts: given.parts ?? [],
    same_kind: null,
    opening: 1,
    open_since_ms: fields.start_ms,
    escalated: 0,
    created_by: actor.name,
    created_ms: nowMs,
    updated_ms: nowMs,
    version: 1,
  };
  const after = { ...draft, same_kind: sameKindOf(draft) };
  refuseUnknownWords(after, undefined, context.known);
  refuseSecond(after, context.openBeside);
  const events: NewEvent[] = [{ type: 'reported', reason: null, detail: shownFields(after) }];
  if (fields.end_ms !== null)
    events.push({ type: 'completed', reason: null, detail: { end_time: iso(fields.end_ms) } });
  return { after, events };
}

export interface Correction {
  readonly changes: FieldChanges;
  readonly reason: string | null;
  /** What the person saw; undefined: whatever it is now. */
  readonly version: number | undefined;
}

/**
 * Changes fields, an end included: an open problem with an end is completed, as in the original. Fields that repeat what is there are no
 * change. An end can't be taken away here: that is a reopening, which has a reason.
 */
export function decideCorrect(
  before: Problem,
  correction: Correction,
  rights: EditRights,
  context: RuleContext,
): Decision {
  const { changes, reason } = correction;
  refuseVoid(before);
  refuseOlder(before, correction.version);
  if (changes.end_ms === null && before.end_ms !== null) {
    const message = 'can not be emptied; reopen the problem instead';
    throw new InvalidInput([{ field: 'end_time', message, code: 'reopen-instead' }]);
  }
  const changed = changedFields(before, changes);
  refuseForbidden(before, changed, repairFields, rights, context.actor);
  return edited(before, changes, changed, reason, context);
}

/** Ends an open problem; `end_time` is now when it is not given. */
export function decideComplete(
  before: Problem,
  correction: Correction,
  rights: EditRights,
  context: RuleContext,
): Decision {
  refuseVoid(before);
  if (before.status === 'completed')
    throw new ProblemConflict('already-completed', 'This problem is completed already.', before);
  refuseOlder(before, correction.version);
  const end_ms = correction.changes.end_ms ?? Math.max(context.nowMs, before.response_ms ?? before.start_ms);
  const changes = { ...correction.changes, end_ms };
  const changed = changedFields(before, changes);
  refuseForbidden(before, changed, completionFields, rights, context.actor);
  return edited(before, changes, changed, correction.reason, context);
}

/** Takes the end back: the machine was not repaired after all, so its downtime runs on from the first start. */
export function decideReopen(
  before: Problem,
  reason: string,
  version: number | undefined,
  context: RuleContext,
): Decision {
  refuseVoid(before);
  if (isOpen(before.status)) throw new ProblemConflict('not-completed', 'This problem is open already.', before);
  refuseOlder(before, version);
  const after: Problem = {
    ...before,
    status: 'reopened',
    end_ms: null,
    opening: before.opening + 1,
    open_since_ms: context.nowMs,
    escalated: 0,
    updated_ms: context.nowMs,
    version: before.version + 1,
  };
  refuseSecond(after, context.openBeside);
  return { after, events: [{ type: 'reopened', reason, detail: { end_time: change(iso(before.end_ms), null) } }] };
}

/** The report was a mistake: it counts nowhere from now on, and stays with its reason. */
export function decideVoid(
  before: Problem,
  reason: string,
  version: number | undefined,
  context: RuleContext,
): Decision {
  refuseVoid(before);
  refuseOlder(before, version);
  const after: Problem = {
    ...before,
    status: 'void',
    void_reason: reason,
    updated_ms: context.nowMs,
    version: before.version + 1,
  };
  return { after, events: [{ type: 'voided', reason, detail: { status: change(before.status, 'void') } }] };
}

/** Whether the actor may add files to the problem, or hide them; refused otherwise. */
export function refuseFiles(problem: Problem, rights: EditRights, hides: boolean, actor: Actor): void {
  refuseVoid(problem);
  const repairs = rights.repairs && !hides;
  if (rights.leads || repairs || (rights.own && isOwn(problem, actor) && isOpen(problem.status))) return;
  throw forbidden(problem, actor, []);
}

const repairFields: ReadonlySet<ChangedField> = new Set(['solution', 'parts', 'end_ms']);
/** Who repaired it belongs to the end of a problem. */
const completionFields: ReadonlySet<ChangedField> = new Set([
  ...repairFields,
  'technician_type',
  'technician_name',
  'vendor_name',
]);

function edited(
  before: Problem,
  changes: FieldChanges,
  changed: readonly ChangedField[],
  reason: string | null,
  context: RuleContext,
): Decision {
  if (changed.length === 0) return { after: before, events: [] };
  const merged = { ...before, ...changes };
  // A server whose clock was set back can still end what began later than its new now.
  const nowMs = Math.max(context.nowMs, before.response_ms ?? before.start_ms);
  const times = checkedTimes(merged, nowMs, new Set(changed));
  const completes = isOpen(before.status) && times.end_ms !== null;
  const draft: Problem = {
    ...merged,
    ...times,
    status: completes ? 'completed' : before.status,
    // The clock of a first opening begins with the problem, wherever its start is corrected to.
    open_since_ms: before.opening === 1 ? times.start_ms : before.open_since_ms,
    updated_ms: context.nowMs,
    version: before.version + 1,
  };
  const after = { ...draft, same_kind: sameKindOf(draft) };
  refuseUnknownWords(after, before, context.known);
  const isMoved = after.machine_id !== before.machine_id;
  if (isOpen(after.status) && (isMoved || after.same_kind !== before.same_kind))
    refuseSecond(after, context.openBeside);
  const differences = changed.filter((field) => !isSame(before[field], after[field]));
  const corrections = differences.filter((field) => !(completes && field === 'end_ms'));
  const events: NewEvent[] = [];
  if (corrections.length > 0) {
    const detail = Object.fromEntries(
      corrections.map((field) => [wireName(field), change(shown(before, field), shown(after, field))]),
    );
    events.push({ type: 'corrected', reason, detail });
  }
  if (completes)
    events.push({
      type: 'completed',
      reason: corrections.length > 0 ? null : reason,
      detail: { end_time: iso(after.end_ms) },
    });
  return { after, events };
}

function refuseVoid(problem: Problem): void {
  if (problem.status === 'void') throw new ProblemConflict('problem-void', 'This problem was voided.', problem);
}

function refuseOlder(problem: Problem, version: number | undefined): void {
  if (version === undefined || version === problem.version) return;
  throw new ProblemConflict(
    'version-conflict',
    'Somebody changed this problem meanwhile.',
    problem,
    'Look at it again and repeat the command.',
  );
}

function refuseForbidden(
  problem: Problem,
  changed: readonly ChangedField[],
  repairable: ReadonlySet<ChangedField>,
  rights: EditRights,
  actor: Actor,
): void {
  if (rights.leads) return;
  if (rights.own && isOwn(problem, actor) && isOpen(problem.status)) return;
  const beyond = rights.repairs ? changed.filter((field) => !repairable.has(field)) : changed;
  if (rights.repairs && beyond.length === 0) return;
  throw forbidden(problem, actor, beyond);
}

function isOwn(problem: Problem, actor: Actor): boolean {
  return problem.created_by === actor.name;
}

function forbidden(problem: Problem, actor: Actor, beyond: readonly ChangedField[]): ShopfloorError {
  const fields = beyond.map((field) => ({
    field: wireName(field),
    message: 'is not yours to change',
    code: 'not-yours',
  }));
  const hint =
    isOwn(problem, actor) && !isOpen(problem.status)
      ? 'It is completed; a supervisor can correct or reopen it.'
      : 'Ask a supervisor.';
  return new ShopfloorError('forbidden', 403, `${actor.name} may not change this of problem ${problem.id}.`, {
    fields,
    hint,
  });
}

function changedFields(before: Problem, changes: FieldChanges): readonly ChangedField[] {
  const fields = Object.keys(changes) as ChangedField[];
  return fields.filter((field) => changes[field] !== undefined && !isSame(before[field], changes[field]));
}

function isSame(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

function change(old: unknown, now: unknown): { readonly old: unknown; readonly new: unknown } {
  return { old, new: now };
}

function shown(problem: Problem, field: ChangedField): unknown {
  const value = problem[field];
  return field === 'start_ms' || field === 'response_ms' || field === 'end_ms' ? iso(value as number | null) : value;
}

function shownFields(problem: Problem): Readonly<Record<string, unknown>> {
  const fields: readonly ChangedField[] = [
    'error_code',
    'category',
    'severity',
    'problem_description',
    'solution',
    'technician_type',
    'technician_name',
    'vendor_name',
    'start_ms',
    'response_ms',
    'end_ms',
    'parts',
  ];
  return Object.fromEntries(fields.map((field) => [wireName(field), shown(problem, field)]));
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
