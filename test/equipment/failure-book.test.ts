// Equipment failures on both engines: each report is stored once, told once, and lasts until a person acknowledges it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Actor } from '../../nodes/core/actor.ts';
import { parseEquipmentCommand } from '../../nodes/equipment/command-parser.ts';
import { equipmentName, parseEquipmentNames } from '../../nodes/equipment/equipment-names.ts';
import { parseEquipmentSettings } from '../../nodes/equipment/equipment-settings.ts';
import { FailureBook } from '../../nodes/equipment/failure-book.ts';
import type { EquipmentFailure } from '../../nodes/equipment/messages.ts';
import { decodeFailure, encodeFailure } from '../../nodes/plc/record-codec.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const flow: Actor = { name: 'flow', via: 'flow' };
const budi: Actor = { name: 'budi', via: 'session' };
const settings = parseEquipmentSettings({ names: 'MIX01 = Mixer besar\n', timeZone: 'Asia/Jakarta' }, {});

/** What the PLC shows, as words of its memory. */
function report(code: string, info: string, second = 30): Uint16Array {
  const happenedAt = { year: 2026, month: 1, day: 5, hour: 6, minute: 59, second };
  return encodeFailure({ code, info, happenedAt }, 'first-char-high');
}

/** Words without a time: the PLC's clock battery is empty. */
function timeless(code: string, info: string): Uint16Array {
  const words = report(code, info);
  words.fill(0, 16, 22);
  return words;
}

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`equipment failures on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let directory: string;
    let url: string;
    let store: Store;
    let book: FailureBook;
    let clock: ManualClock;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-equipment-'));
      url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'a.sqlite')}`;
      clock = new ManualClock();
      store = await openStore(url);
      book = await FailureBook.open(store, settings, clock);
    });
    afterEach(async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const take = (words: Uint16Array) => {
      const failure = decodeFailure(words, 'first-char-high');
      const readAt = clock.now().toISOString();
      return book.execute(parseEquipmentCommand({ command: 'take', plc: 'Mill', readAt, failure }), flow);
    };
    const flagged = (id: number, done = true) =>
      book.execute({ command: 'flagged', record: 'failure', id, done, reason: null, watchOnly: false }, flow);
    const idOf = ({ payload }: { readonly payload: unknown }) => (payload as { id: number }).id;
    const list = async (more: object = {}) => {
      const { payload } = await book.execute({ command: 'list', ...more }, budi);
      return payload as { readonly data: readonly EquipmentFailure[]; readonly total: number };
    };

    it('are stored with the name of the machine and the time of the PLC, and acknowledged to the PLC afterwards', async () => {
      const { payload, events, alarms } = await take(report('mix01', 'START_FAILURE'));
      assert.equal((payload as { command: string }).command, 'acknowledge');
      const [failure] = (await list()).data;
      assert.deepEqual(
        [failure?.equipment_code, failure?.equipment_name, failure?.description, failure?.failure_date],
        ['mix01', 'Mixer besar', 'START_FAILURE', '2026-01-04T23:59:30.000Z'],
      );
      assert.deepEqual(
        events.map(({ type, failure: { equipment_name } }) => [type, equipment_name]),
        [['failure', 'Mixer besar']],
      );
      assert.deepEqual(
        alarms.map(({ code, active, subject }) => [code, active, subject]),
        [['equipment-failure', true, 'Mixer besar: START_FAILURE']],
      );
    });

    it('are one event, however often the same report is read before its flag is up, and after the PLC forgot the flag', async () => {
      const words = report('silo103', 'OVERLOAD');
      const first = await take(words);
      for (let again = 0; again < 3; again += 1) {
        const { payload, events, alarms } = await take(words);
        assert.deepEqual([idOf({ payload }), events, alarms], [idOf(first), [], []]);
      }
      assert.deepEqual((await flagged(idOf(first))).payload, { command: 'read' });
      assert.equal(idOf(await take(words)), idOf(first));
      await store.close();
      store = await openStore(url);
      book = await FailureBook.open(store, settings, clock);
      assert.equal(idOf(await take(words)), idOf(first));
      assert.equal((await list()).total, 1);
    });

    it('are an event each when several come in a row, and at most fifty in one run', async () => {
      const ids = new Set<number>();
      for (let second = 0; second < 49; second += 1) {
        const id = idOf(await take(report('silo101', 'OVERLOAD', second)));
        ids.add(id);
        assert.deepEqual((await flagged(id)).payload, { command: 'read' });
      }
      const last = idOf(await take(report('silo102', 'OVERLOAD', 49)));
      assert.match(JSON.stringify((await flagged(last)).payload), /"none".*50 failures/);
      assert.equal(ids.size, 49);
      assert.equal((await list()).total, 50);
    });

    it('without a time are the same report until the flag is up, and a new one behind it', async () => {
      const words = timeless('silo101', 'OVERLOAD');
      const first = idOf(await take(words));
      assert.equal(idOf(await take(words)), first);
      await flagged(first);
      assert.notEqual(idOf(await take(words)), first);
      const [failure] = (await list()).data;
      assert.deepEqual([failure?.failure_date, failure?.doubts.length], [null, 1]);
    });

    it('that can not be read are kept and told all the same', async () => {
      const words = report('silo101', 'OVERLOAD');
      words[0] = 0x0001;
      const { alarms } = await take(words);
      assert.match(alarms[0]?.message ?? '', /code not legible.*in doubt/);
      const [failure] = (await list()).data;
      assert.deepEqual([failure?.equipment_code, failure?.equipment_name], ['', '?']);
    });

    it('stay unflagged when the PLC can not be written, and the run ends with the reason', async () => {
      const id = idOf(await take(report('silo101', 'OVERLOAD')));
      const { payload } = await book.execute(
        { command: 'flagged', record: 'failure', id, done: false, reason: 'watch only', watchOnly: true },
        flow,
      );
      assert.deepEqual(payload, { command: 'none', reason: 'watch only' });
    });

    it('are acknowledged by one person, once, with a note and an end of the alarm', async () => {
      const id = idOf(await take(report('mix01', 'START_FAILURE')));
      clock.advance(60_000);
      const acknowledge = (actor: Actor, commandId?: string) =>
        book.execute(
          { command: 'acknowledge', id, note: 'belt tightened', ...(commandId !== undefined && { commandId }) },
          actor,
        );
      const { payload, alarms, events } = await acknowledge(budi, 'c1');
      const done = payload as EquipmentFailure;
      assert.deepEqual(
        [done.is_resolved, done.resolved_by, done.resolved_at, done.resolution_notes],
        [true, 'budi', '2026-01-05T00:01:00.000Z', 'belt tightened'],
      );
      assert.deepEqual(
        [alarms.map(({ active, key }) => [active, key]), events.map(({ type, actor }) => [type, actor])],
        [[[false, `failure ${id}`]], [['acknowledged', 'budi']]],
      );
      const repeated = await acknowledge(budi, 'c1');
      assert.deepEqual([repeated.payload, repeated.alarms], [payload, []]);
      await assert.rejects(acknowledge({ name: 'siti', via: 'session' }), {
        code: 'already-acknowledged',
        httpStatus: 409,
      });
      await assert.rejects(book.execute({ command: 'acknowledge', id: 999 }, budi), {
        code: 'failure-unknown',
        httpStatus: 404,
      });
      assert.equal((await list({ open: true })).total, 0);
      assert.equal((await list()).total, 1);
      assert.deepEqual(await book.lastingAlarms(), []);
    });

    it('are acknowledged by exactly one of many who press at once', async () => {
      const id = idOf(await take(report('mix01', 'START_FAILURE')));
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) =>
          book.execute({ command: 'acknowledge', id }, { name: `person ${n}`, via: 'session' }),
        ),
      );
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    it('last over a restart, to be told again with the same key', async () => {
      const { alarms } = await take(report('mix01', 'START_FAILURE'));
      assert.deepEqual(await book.lastingAlarms(), alarms);
    });

    it('have a history that nobody can change', async () => {
      await take(report('mix01', 'START_FAILURE'));
      await assert.rejects(sql`update equipment_event set actor = 'x'`.execute(store.db()));
      await assert.rejects(sql`delete from equipment_event`.execute(store.db()));
    });
  });
}

describe('the names of the equipment', () => {
  it('are those of the original plant, and the own ones on top, in any letter case', () => {
    const names = parseEquipmentNames('MIX01 = Mixer 1\nsilo103 = Jagung giling');
    assert.deepEqual(
      ['silo101', '113', 'LQ114', 'Mix01', 'SILO103', 'pump9'].map((code) => equipmentName(names, code)),
      ['Silo A', 'Silo M', 'Tank LQ114', 'Mixer 1', 'Jagung giling', 'pump9'],
    );
  });

  it('are refused by line', () => {
    assert.throws(() => parseEquipmentNames('MIX01 Mixer\n= x\nA = B'), /line 1.*line 2/);
    assert.throws(() => parseEquipmentSettings({ timeZone: 'Mars/Base', names: 'x' }, {}), /names.*timeZone/);
  });
});
