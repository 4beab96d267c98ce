import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { problemOf } from '../../test/dashboard/support/ctp-board.ts';
import { WaitingReports } from '../ctp/waiting-reports.ts';
import type { WaitingReport, WaitingStore } from '../ctp/waiting-store.ts';

const now = new Date('2026-03-02T02:00:00Z');

/** A tablet's database in memory; `broken` stands for a browser that keeps nothing. */
function storeOf(reports: readonly WaitingReport[] = [], broken = false): WaitingStore & { kept(): readonly string[] } {
  const rows = new Map(reports.map((report) => [report.commandId, report]));
  const refuse = () => Promise.reject(new Error('not kept'));
  return {
    kept: () => [...rows.keys()],
    all: async () => [...rows.values()],
    put: broken ? refuse : async (report) => void rows.set(report.commandId, report),
    remove: async (id) => void rows.delete(id),
  };
}

const reportOf = (commandId: string, userId = 'u-rina'): WaitingReport => ({
  commandId,
  userId,
  typedAt: now.toISOString(),
  machine: { id: 2, name: 'CTP 2 Platesetter' },
  fields: { machine_id: '2', problem_description: `report ${commandId}` },
  files: [{ kind: 'photo', name: 'a.jpg', file: new Blob(['a']), thumbnail: new Blob(['t']) }],
});

/** What the server answers, by path; a number is a refusal with that status. */
const answers = { me: 'u-rina', report: 201 as number | 'away', code: 'invalid-input' };
const sent: FormData[] = [];

beforeEach(() => {
  Object.assign(answers, { me: 'u-rina', report: 201, code: 'invalid-input' });
  sent.length = 0;
  vi.stubGlobal('fetch', async (path: string, { body }: RequestInit) => {
    if (answers.report === 'away') throw new TypeError('no connection');
    if (path === '/api/access/me') {
      return { ok: true, status: 200, json: async () => ({ data: { user: { id: answers.me } } }) };
    }
    sent.push(body as FormData);
    const ok = answers.report === 201;
    const reply = ok ? { data: problemOf(now) } : { error: { code: answers.code, message: 'no', fields: [] } };
    return { ok, status: answers.report, json: async () => reply };
  });
});
afterEach(() => vi.unstubAllGlobals());

const waitingOf = (store: WaitingStore, onSent = vi.fn()) => new WaitingReports(store, 'u-rina', onSent);

describe('a report', () => {
  it('goes to the server and waits nowhere', async () => {
    const store = storeOf();
    expect((await waitingOf(store).send(reportOf('r1'))).kind).toBe('sent');
    expect(store.kept()).toEqual([]);
    expect(sent[0]?.get('commandId')).toBe('r1');
    expect(sent[0]?.has('problem_photos[]') && sent[0].has('thumbnail_0')).toBe(true);
  });

  it('waits on the tablet while the server is away, and is sent once when it is back', async () => {
    const store = storeOf();
    const onSent = vi.fn();
    const waiting = waitingOf(store, onSent);
    answers.report = 'away';
    expect((await waiting.send(reportOf('r1'))).kind).toBe('kept');
    await waiting.flush();
    expect(store.kept()).toEqual(['r1']);
    answers.report = 201;
    await Promise.all([waiting.flush(), waiting.flush()]);
    await waiting.flush();
    expect([store.kept(), sent.length, onSent.mock.calls.length]).toEqual([[], 1, 1]);
  });

  it.each([401, 429, 500, 503])('waits over the passing fault %d', async (status) => {
    const store = storeOf();
    answers.report = status;
    expect((await waitingOf(store).send(reportOf('r1'))).kind).toBe('kept');
    expect(store.kept()).toEqual(['r1']);
  });

  it('waits while the server starts and does not know its route yet', async () => {
    const store = storeOf([reportOf('r1')]);
    const waiting = waitingOf(store);
    Object.assign(answers, { report: 404, code: undefined });
    await waiting.flush();
    expect(waiting.all.value[0]?.refusal).toBeUndefined();
    answers.report = 201;
    await waiting.flush();
    expect([store.kept(), sent.length]).toEqual([[], 2]);
  });

  it('that its form is sending is not sent from the tablet too', async () => {
    const store = storeOf();
    const waiting = waitingOf(store);
    answers.report = 409;
    const outcome = waiting.send(reportOf('r1'));
    await waiting.flush();
    expect((await outcome).kind).toBe('refused');
    expect([sent.length, store.kept()]).toEqual([1, []]);
  });

  it('that was refused at once is left to its form', async () => {
    const store = storeOf();
    answers.report = 400;
    expect((await waitingOf(store).send(reportOf('r1'))).kind).toBe('refused');
    expect(store.kept()).toEqual([]);
  });

  it('that is refused after it had waited stays with its reason, and is not sent again', async () => {
    const store = storeOf([reportOf('r1')]);
    const waiting = waitingOf(store);
    Object.assign(answers, { report: 409, code: 'second-open-problem' });
    await waiting.flush();
    await waiting.flush();
    expect(waiting.all.value.map(({ refusal }) => refusal?.code)).toEqual(['second-open-problem']);
    expect(sent).toHaveLength(1);
    await waiting.discard('r1');
    expect(store.kept()).toEqual([]);
  });

  it('of another person is never sent', async () => {
    const store = storeOf([reportOf('r1', 'u-dewi')]);
    await waitingOf(store).flush();
    expect([sent.length, store.kept()]).toEqual([0, ['r1']]);
  });

  it('is not sent under the name of whoever took the tablet over meanwhile', async () => {
    const store = storeOf([reportOf('r1')]);
    answers.me = 'u-dewi';
    const waiting = waitingOf(store);
    await waiting.flush();
    expect((await waiting.send(reportOf('r2'))).kind).toBe('kept');
    expect([sent.length, store.kept()]).toEqual([0, ['r1', 'r2']]);
  });

  it('says so when the tablet can keep nothing', async () => {
    answers.report = 'away';
    expect((await waitingOf(storeOf([], true)).send(reportOf('r1'))).kind).toBe('unkept');
    answers.report = 201;
    expect((await waitingOf(storeOf([], true)).send(reportOf('r1'))).kind).toBe('sent');
  });
});
