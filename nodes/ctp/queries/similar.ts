// Proposes past repairs that resemble what is being typed: few candidates by telling words, ranked by likeness and by whether they held.
import { type Kysely, sql } from 'kysely';
import { inList } from '../../store/empty-lists.ts';
import type { StoreEngine } from '../../store/store.ts';
import type { CtpReadSchema } from './read-tables.ts';
import type { ProblemSearch } from './search.ts';
import { marks } from './text-marks.ts';
import type { TextQuery, TextTerm } from './text-query.ts';
import { meantBy, spreadOf } from './word-list.ts';
import { searchableWords, wordsOf } from './words.ts';

/** Words of a description that are looked at; a fault is named in its first sentences. */
const mostWords = 24;
/** Mistyped words that are looked up again. */
const mostCorrections = 3;
/** The most telling words, two of which must meet. */
const pairedWords = 4;
/** Newest matches that one question brings. */
const matchesOfQuestion = 40;
/** Below this share of the telling words a problem is not alike. */
const leastLikeness = 0.25;
/** Candidates whose repair is followed up. */
const followedUp = 40;
/** A repair held when the same code did not come back on the machine within this time. */
export const heldDays = 7;

/** Weights found by hand: the same machine and a repair that held move a solution up, one that didn't moves it down. */
const weights = { sameMachine: 1.2, held: 1.1, cameBack: 0.7 } as const;

export interface SimilarRow {
  readonly id: number;
  /** Share of the telling words that occur, 0 to 1, with the boosts above; only its order means something. */
  readonly score: number;
  /** Null without an error code or while the days are not over. */
  readonly repair_held: boolean | null;
}

interface Candidate {
  readonly id: number;
  readonly machine_id: number;
  readonly error_code: string | null;
  readonly technician_name: string | null;
  readonly vendor_name: string | null;
  readonly problem_description: string;
  readonly solution: string;
}

export interface SimilarQuestion {
  readonly text: string;
  /** The machine the problem is typed for; it ranks, it doesn't filter. */
  readonly machine: number | undefined;
  /** Undefined: every machine. */
  readonly scope: readonly number[] | undefined;
  readonly limit: number;
  readonly nowMs: number;
  readonly engine: StoreEngine;
}

/** Best first; of problems with the same solution only the best one. */
export async function similarProblems(
  db: Kysely<CtpReadSchema>,
  search: ProblemSearch,
  question: SimilarQuestion,
): Promise<readonly SimilarRow[]> {
  if (question.scope?.length === 0) return [];
  const telling = await tellingWords(db, question.engine, question.text);
  if (telling.length === 0) return [];
  const ids = await candidateIds(search, question, telling);
  const candidates = await candidatesOf(db, ids);
  const whole = telling.reduce((sum, { weight }) => sum + weight, 0);
  const alike = candidates
    .map((candidate) => {
      const words = new Set(searchableWords(candidate));
      const met = telling.reduce((sum, { word, weight }) => sum + (words.has(word) ? weight : 0), 0);
      return { candidate, likeness: met / whole };
    })
    .filter(({ likeness }) => likeness >= leastLikeness)
    .sort((left, right) => right.likeness - left.likeness || right.candidate.id - left.candidate.id);
  const first = alike.slice(0, followedUp);
  const held = await repairsHeld(
    db,
    first.map(({ candidate }) => candidate.id),
    question.nowMs,
  );
  const ranked = first
    .map(({ candidate, likeness }) => {
      const repairHeld = held.get(candidate.id) ?? null;
      const onMachine = candidate.machine_id === question.machine ? weights.sameMachine : 1;
      const outcome = repairHeld === null ? 1 : repairHeld ? weights.held : weights.cameBack;
      return { candidate, repair_held: repairHeld, score: likeness * onMachine * outcome };
    })
    .sort((left, right) => right.score - left.score || right.candidate.id - left.candidate.id);
  const told = new Set<string>();
  return ranked
    .filter(({ candidate }) => {
      const solution = wordsOf(candidate.solution).join(' ');
      const isNew = !told.has(solution);
      told.add(solution);
      return isNew;
    })
    .slice(0, question.limit)
    .map(({ candidate, repair_held, score }) => ({ id: candidate.id, score, repair_held }));
}

interface TellingWord {
  readonly word: string;
  /** A word that occurs everywhere tells little. */
  readonly weight: number;
}

/** The known words of the text, the most telling first; one that nobody wrote before is read as its nearest known word. */
async function tellingWords(
  db: Kysely<CtpReadSchema>,
  engine: StoreEngine,
  text: string,
): Promise<readonly TellingWord[]> {
  const typed = [...new Set(wordsOf(text))].slice(0, mostWords);
  const spread = new Map(await spreadOf(db, engine, typed));
  const unknown = typed.filter((word) => !spread.has(word)).slice(0, mostCorrections);
  const meant = (await Promise.all(unknown.map((word) => meantBy(db, word)))).filter((word) => word !== undefined);
  for (const [word, spans] of await spreadOf(db, engine, meant)) spread.set(word, spans);
  const widest = Math.max(1, ...spread.values());
  return [...spread]
    .map(([word, spans]) => ({ word, weight: 1 + Math.log2(widest / spans) + Math.min(8, word.length) / 4 }))
    .sort((left, right) => right.weight - left.weight || (left.word < right.word ? -1 : 1));
}

/**
 * The newest solved problems with the most telling word, here and anywhere, and with two of the four; and the newest with all of
 * the first three. Those are few: whether they are solved is looked at afterwards, which is half the work of looking for it.
 */
async function candidateIds(
  search: ProblemSearch,
  { machine, scope }: SimilarQuestion,
  telling: readonly TellingWord[],
): Promise<readonly number[]> {
  const words = telling.slice(0, pairedWords).map(({ word }) => word);
  const [first = ''] = words;
  const scoped: readonly TextTerm[][] = scope ? [scope.map((id) => ({ term: marks.machine(id) }))] : [];
  const here: readonly TextTerm[][] = machine === undefined ? [] : [[{ term: marks.machine(machine) }]];
  const solved: readonly TextTerm[][] = [[{ term: marks.solved }]];
  const questions = [
    questionOf([[first]], [...scoped, ...solved]),
    ...(here.length > 0 ? [questionOf([[first]], [...scoped, ...here, ...solved])] : []),
    ...(words.length > 1 ? [questionOf(twoOf(words), [...scoped, ...solved])] : []),
    ...(words.length > 2
      ? [
          questionOf(
            words.slice(0, 3).map((word) => [word]),
            scoped,
          ),
        ]
      : []),
  ];
  const found = await search.newest(questions, matchesOfQuestion);
  return [...new Set(found.flatMap((rows) => rows.map(({ id }) => id)))];
}

/** At least two of `words`: with any one of them left out, one of the others must occur. */
function twoOf(words: readonly string[]): readonly (readonly string[])[] {
  return words.map((leftOut) => words.filter((word) => word !== leftOut));
}

/** @param groups of each, one word must occur */
function questionOf(groups: readonly (readonly string[])[], filters: readonly (readonly TextTerm[])[]): TextQuery {
  return { groups: [...groups.map((words) => words.map((term) => ({ term }))), ...filters] };
}

async function candidatesOf(db: Kysely<CtpReadSchema>, ids: readonly number[]): Promise<readonly Candidate[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Candidate>`
    select id, machine_id, error_code, technician_name, vendor_name, problem_description, solution from ctp_problem
    where id in (${inList(ids)}) and status = 'completed' and trim(solution) <> ''`.execute(db);
  return rows;
}

/** Whether the same code stayed away from the machine after the repair; unknown ones are not in the map. */
async function repairsHeld(
  db: Kysely<CtpReadSchema>,
  ids: readonly number[],
  nowMs: number,
): Promise<ReadonlyMap<number, boolean>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: number; end_ms: number; came_back: number }>`
    select fact.id, fact.end_ms, case when exists (
      select 1 from ctp_fact as later
      where later.machine_id = fact.machine_id and later.error_code = fact.error_code and later.error_code is not null
        and later.facet < 27 and later.place > fact.place
        and later.place < (fact.end_ms / 1000 + ${sql.lit(heldDays * 86_400)}) * 2097152
    ) then 1 else 0 end as came_back
    from ctp_fact as fact where fact.id in (${inList(ids)}) and fact.error_code is not null and fact.end_ms is not null`.execute(
    db,
  );
  const heldMs = heldDays * 86_400_000;
  return new Map(
    rows
      .filter(({ end_ms, came_back }) => came_back === 1 || end_ms + heldMs <= nowMs)
      .map(({ id, came_back }) => [id, came_back === 0]),
  );
}
