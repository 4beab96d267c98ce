// The questions that the benchmark of the CTP log asks: every filter, deep pages, searches, statistics of any window, exports.
import type { LogAnswer } from '../../../nodes/ctp/log-reply.ts';

/** One command of ctp-problem-log, as its node runs it. */
export type Command = (payload: Readonly<Record<string, unknown>>) => Promise<LogAnswer>;
/** Resolves with the number of its rows where the answer is a page of them. */
export type Ask = (send: Command) => Promise<unknown>;

export interface Case {
  readonly group: 'list' | 'deep' | 'search' | 'statistics' | 'similar' | 'export' | 'board' | 'write';
  readonly name: string;
  /** A new asker for each log: one that pages keeps its cursor. */
  readonly ask: () => Ask;
  /** The same way to an answer as long as the large log's, where a small log answers the question itself with less or nothing. */
  readonly alike?: (() => Ask) | undefined;
}

const filters: Readonly<Record<string, object>> = {
  'no filter': {},
  'a busy machine': { machine_nickname: 'suprasetter' },
  'a quiet machine': { machine_id: 12 },
  'completed ones': { status: 'completed' },
  'open ones': { status: 'open' },
  'reopened ones': { status: 'reopened' },
  'void ones': { status: 'void' },
  'one severity': { severity: 'stop' },
  'one kind of technician': { technician_type: 'vendor' },
  'one day': { start_date: '2021-03-04', end_date: '2021-03-04' },
  'some hours': { start_date: '2021-03-04T10:17:00Z', end_date: '2021-03-06T03:05:00Z' },
  'one month': { year: 2020, month: 2 },
  'one year': { year: 2018 },
  'five years': { start_date: '2017-01-01', end_date: '2021-12-31' },
  'everything at once': {
    machine_id: 2,
    status: 'completed',
    severity: 'slow',
    technician_type: 'vendor',
    year: 2019,
    month: 7,
  },
  'a rare combination': { machine_id: 11, status: 'void', severity: 'stop', technician_type: 'none' },
  'a rare combination of all machines': { status: 'reopened', severity: 'stop', technician_type: 'none' },
};

const searches: Readonly<Record<string, object>> = {
  'a word of 60 % of the rows': { search: 'mesin' },
  'two common words': { search: 'mesin laser' },
  'three common words': { search: 'mesin laser error' },
  'a word on its first letter': { search: 'm' },
  'a word on its second letter': { search: 'pl' },
  'the beginning of a common word': { search: 'kalib' },
  'a rare number': { search: 'order 19999' },
  'a rare number and a common word': { search: '777 mesin macet' },
  'an error code': { search: 'E-150' },
  'a name': { search: 'Eko Prasetyo' },
  'what nobody wrote': { search: 'xyzzy' },
  'only signs': { search: '"\'(*' },
  'a common word on a quiet machine': { search: 'mesin', machine_id: 12 },
  'a common word with a rare filter': { search: 'mesin', status: 'reopened', severity: 'stop' },
  'a common word in a month': { search: 'mesin', year: 2019, month: 5 },
  'a common word in void ones': { search: 'mesin', status: 'void' },
};

/** What a log of 10,000 problems has a page of, mapped by the question that it has none of. */
const alike: Readonly<Record<string, object>> = {
  'reopened ones': { status: 'void' },
  'open ones': { technician_type: 'none' },
  'one day': { start_date: '2021-01-04', end_date: '2021-04-13' },
  'some hours': { start_date: '2021-03-04T10:17:00Z', end_date: '2021-08-21T03:05:00Z' },
  'one month': { start_date: '2019-01-01', end_date: '2025-04-01' },
  'everything at once': {
    machine_id: 2,
    status: 'completed',
    severity: 'slow',
    technician_type: 'vendor',
    start_date: '2016-12-01',
    end_date: '2026-11-20',
  },
  'a rare combination': { machine_id: 1, status: 'void', severity: 'minor', technician_type: 'lokal' },
  'a rare combination of all machines': { status: 'void', technician_type: 'none' },
  'three common words': { search: 'mesin cetak aus' },
  'a rare number': { search: 'order 99' },
  'a common word with a rare filter': { search: 'mesin', status: 'void', severity: 'stop' },
  'a common word on a quiet machine': { search: 'mesin', machine_id: 1 },
  'a common word in a month': { search: 'mesin', start_date: '2019-01-01', end_date: '2025-04-01' },
  'a common word in void ones': { search: 'mesin', technician_type: 'vendor' },
  'an error code': { search: 'E-10' },
};

const windows: Readonly<Record<string, object>> = {
  'this month': {},
  'this month of a machine': { machine_nickname: 'suprasetter' },
  'a past month': { year: 2020, month: 2 },
  'a year of a machine': { year: 2019, machine_id: 1 },
  'a window of some hours': { start_date: '2021-03-04T10:17:00Z', end_date: '2021-03-04T15:43:00Z' },
  'a window that no month begins': { start_date: '2019-05-17T10:17:00Z', end_date: '2023-08-02T15:43:00Z' },
  'ten years': { start_date: '2016-11-30', end_date: '2026-12-01' },
  'ten years of a machine by week': { start_date: '2016-11-30', end_date: '2026-12-01', machine_id: 2, bucket: 'week' },
  'ten years by day': { start_date: '2016-11-30', end_date: '2026-12-01', bucket: 'day' },
};

const typed: Readonly<Record<string, object>> = {
  'a fault as it is typed': { text: 'mesin laser head panas saat cetak order', machine_id: 1 },
  'a common word': { text: 'mesin' },
  'a typing slip': { text: 'procesor bocorr lalu mati', machine_id: 3 },
};

export function readingCases(): readonly Case[] {
  return [
    ...paging('list', filters, list),
    ...paging('deep', { ...filters, ...searches }, deepPage),
    ...paging('search', searches, list),
    ...Object.entries(windows).map(
      ([name, input]): Case => ({ group: 'statistics', name, ask: () => asking({ command: 'statistics', ...input }) }),
    ),
    ...Object.entries(typed).map(
      ([name, input]): Case => ({ group: 'similar', name, ask: () => asking({ command: 'similar', ...input }) }),
    ),
    { group: 'board', name: 'cards and recent problems', ask: () => asking({ command: 'board' }) },
    ...['csv', 'xlsx', 'print'].flatMap((format) => [
      exporting(format, {}),
      exporting(format, { search: 'mesin' }),
      exporting(format, { machine_id: 12, year: 2019 }, { machine_id: 12 }),
    ]),
  ];
}

function paging(
  group: Case['group'],
  questions: Readonly<Record<string, object>>,
  asker: (input: object) => Ask,
): readonly Case[] {
  return Object.entries(questions).map(([name, input]) => {
    const other = alike[name];
    return { group, name, ask: () => asker(input), alike: other && (() => asker(other)) };
  });
}

function exporting(format: string, input: object, other?: object): Case {
  const beginning =
    (filter: object): Ask =>
    (send) =>
      firstByte(send, { ...filter, format });
  return {
    group: 'export',
    name: `${format} ${JSON.stringify(input)}`,
    ask: () => beginning(input),
    alike: other && (() => beginning(other)),
  };
}

function asking(input: Readonly<Record<string, unknown>>): Ask {
  return async (send) => {
    await send(input);
  };
}

function list(input: object): Ask {
  return async (send) => {
    const answer = await send({ command: 'list', ...input });
    return answer.kind === 'data' && Array.isArray(answer.data) ? answer.data.length : 0;
  };
}

/** A page behind a cursor of the same filter, from the middle of the log where the filter reaches so far. */
function deepPage(input: object): Ask {
  let cursor: string | null | undefined;
  return async (send) => {
    // Looked for once, also where the filter lets less than a page through: the way there is not what is measured.
    if (cursor === undefined) cursor = (await cursorBehind(send, input, 100)) ?? (await cursorBehind(send, input, 25));
    return list({ ...input, ...(cursor !== null && { cursor }) })(send);
  };
}

/** Twenty pages of `limit` rows on. */
async function cursorBehind(send: Command, input: object, limit: number): Promise<string | null> {
  let cursor: string | null = null;
  for (let page = 0; page < 20; page += 1) {
    const answer = await send({ command: 'list', ...input, limit, ...(cursor !== null && { cursor }) });
    const { next_cursor } = (answer.kind === 'data' ? answer.page : undefined) as { next_cursor: string | null };
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return cursor;
}

/** The beginning of the file and the first of its rows, or the whole file when it is shorter than that. */
async function firstByte(send: Command, input: { readonly format: string }): Promise<void> {
  // A workbook begins with the archive's header and the head of its sheet, the others with a header.
  const wanted = input.format === 'xlsx' ? 3 : 2;
  const answer = await send({ command: 'export', ...input });
  if (answer.kind !== 'export') throw new Error(`no file but ${answer.kind}`);
  let parts = 0;
  for await (const chunk of answer.chunks) {
    parts += chunk.length > 0 ? 1 : 0;
    if (parts === wanted) return;
  }
}
