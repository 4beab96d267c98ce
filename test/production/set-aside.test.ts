// One machine whose content the tables refuse: its messages wait in the quarantine with the cause, and every other one goes on.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import { culpritsAmong } from '../../nodes/production/culprit-search.ts';
import type { TrackerParticipant } from '../../nodes/production/intake-contract.ts';
import type { MachineReading, ProductionEvent } from '../../nodes/production/messages.ts';
import { setAsideNotice } from '../../nodes/production/set-aside-notice.ts';
import type { StateSchema } from '../../nodes/production/state-tables.ts';
import { migrateStateTables, statesParticipant, statesSweep } from '../../nodes/production/states-participant.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import { reading, type TrackerWorld } from './tracker-world.ts';

const ofB = (at: string, production: number, more: Partial<MachineReading> = {}) =>
  reading(at, production, { machine: 'B', ...more });

/** A recorder with a fault of its own: what it writes of some messages is refused by a unique index. */
const insertsTwice: TrackerParticipant = async (transaction, readings) => {
  if (!readings.some(({ errorMessage }) => errorMessage === 'twice')) return [];
  const row = sql`insert into production_refusal_count (day, code, count) values ('2026-01-05', 'twice', 1)`;
  await row.execute(transaction);
  await row.execute(transaction);
  return [];
};

for (const engine of engines) {
  describe(`a machine whose content is refused on ${engine}`, function () {
    this.timeout(30_000);
    const openWorld = worldsOn(engine);
    let world: TrackerWorld;
    beforeEach(async () => {
      world = await openWorld({
        start: '2026-01-05T05:00:00Z',
        participants: [statesParticipant(), insertsTwice],
        sweeps: [statesSweep()],
      });
      await migrateStateTables(world.store);
      await world.take(reading('11:00', 100), ofB('11:00', 500));
    });
    const states = () => world.store.db<StateSchema>();
    /** A track that nobody can read, as a damaged page leaves it. */
    const damage = (machine: string) =>
      states().updateTable('state_track').set({ marks: 'damaged' }).where('machine', '=', machine).execute();
    const mend = (machine: string) => states().deleteFrom('state_track').where('machine', '=', machine).execute();
    const told = (wanted: string) =>
      world.events.filter(({ type, detail }) => type === wanted && detail.part === 'readings');
    const waiting = async () =>
      (await world.quarantine())
        .filter(({ status }) => status === 'waiting')
        .map(({ machine, code, message }) => [machine, code, message.includes('packed mark')]);

    it('waits in the quarantine with the cause, while the others are counted and questions are answered', async () => {
      await damage('B');
      await world.take(reading('11:01', 110), ofB('11:01', 520), reading('11:02', 120));
      assert.deepEqual(await world.total('M1'), [20, 0]);
      assert.deepEqual(await world.total('B'), [0, 0]);
      assert.deepEqual(await waiting(), [['B', 'set-aside', false]]);
      assert.match((await world.quarantine())[0]?.message ?? '', /JSON|token/);
      assert.deepEqual(world.counter.shutOut, ['B']);
      assert.deepEqual(
        world.events
          .filter(({ type }) => type === 'machine-set-aside')
          .map(({ machine, detail }) => [machine, detail.part]),
        [['B', 'readings']],
      );
    });

    it('costs one fault: what it sends afterwards waits at once, and it is told once', async () => {
      await damage('B');
      await world.take(ofB('11:01', 520));
      for (let minute = 2; minute < 12; minute += 1) {
        await world.take(ofB(`11:${String(minute).padStart(2, '0')}`, 520 + minute), reading('11:02', 100 + minute));
      }
      assert.equal((await waiting()).length, 11);
      assert.equal(told('machine-set-aside').length, 1);
      assert.deepEqual(await world.total('M1'), [11, 0]);
    });

    it('is tried again, costs no piece when it is sound again, and that is told', async () => {
      await damage('B');
      await world.take(ofB('11:01', 520));
      await world.counter.tick();
      await mend('B');
      world.clock.advance(61_000);
      await world.counter.tick();
      await world.take(ofB('11:05', 560));
      assert.deepEqual(await world.total('B'), [60, 0]);
      assert.deepEqual(world.counter.shutOut, []);
      assert.equal(told('machine-taken-back').length, 1);
    });

    it('stays set aside when a try fails, without being told again', async () => {
      await damage('B');
      await world.take(ofB('11:01', 520));
      for (let tries = 0; tries < 3; tries += 1) {
        world.clock.advance(16 * 60_000);
        await world.counter.tick();
        await world.take(ofB('11:05', 560), reading(`11:1${tries}`, 110 + tries));
      }
      assert.deepEqual(world.counter.shutOut, ['B']);
      assert.equal(told('machine-set-aside').length, 1);
      assert.equal(told('machine-taken-back').length, 0);
      assert.deepEqual(await world.total('M1'), [12, 0]);
    });

    it('is judged again by a person who mended it', async () => {
      await damage('B');
      await world.take(ofB('11:01', 520));
      const [row] = await world.quarantine();
      assert.ok(row);
      const again = await world.person({ command: 'replay', id: row.id });
      assert.equal(again.status, 'waiting');
      assert.deepEqual(await waiting(), [['B', 'set-aside', false]]);
      await mend('B');
      await world.person({ command: 'replay', id: row.id });
      assert.deepEqual(await world.total('B'), [20, 0]);
      assert.deepEqual(await waiting(), []);
    });

    it('heals at the next start, whatever the journal holds', async () => {
      await damage('B');
      await world.commit(reading('11:01', 110), ofB('11:01', 520));
      await world.commit(reading('11:02', 120), ofB('11:02', 530));
      world.restart();
      await world.counter.fold();
      assert.deepEqual(await world.total('M1'), [20, 0]);
      assert.equal((await waiting()).length, 2);
      const left = await world.db().selectFrom('production_journal').selectAll().execute();
      assert.deepEqual(left, []);
    });

    it('stops nothing with a row of the journal that nobody can read', async () => {
      await world.commit(reading('11:01', 110));
      const body = `[2,["${'x'.repeat(9_000)}`;
      world.restart();
      const { seq } = await world.db().selectFrom('production_journal').select('seq').executeTakeFirstOrThrow();
      await world
        .db()
        .insertInto('production_journal')
        .values({ seq: seq + 1, body })
        .execute();
      await world.counter.fold();
      assert.deepEqual(await world.total('M1'), [10, 0]);
      const [row] = await world.quarantine();
      assert.deepEqual([row?.code, row?.raw, row?.raw_cut, row?.machine], ['journal-unreadable', body, 0, null]);
      assert.deepEqual(world.types().filter((type) => type === 'journal-unreadable').length, 1);
      await world.take(reading('11:03', 130));
      assert.deepEqual(await world.total('M1'), [30, 0]);
    });

    it('is found by what the tables say of its rows, whoever records them', async () => {
      await world.take(reading('11:01', 110), ofB('11:01', 520, { errorMessage: 'twice' }), ofB('11:02', 530));
      assert.deepEqual(await world.total('M1'), [10, 0]);
      const rows = await world.quarantine();
      assert.deepEqual(
        rows.map(({ code }) => code),
        ['set-aside', 'set-aside'],
      );
      assert.match(rows[0]?.message ?? '', /unique|duplicate/i);
    });

    it('keeps no shift of another machine open, and no silence of another one unnoticed', async () => {
      await damage('B');
      world.clock.advance(10 * 60_000);
      await world.counter.tick();
      const silent = world.events.filter(({ type, detail }) => type === 'state-changed' && detail.cause === 'silence');
      assert.deepEqual(
        silent.map(({ machine }) => machine),
        ['M1'],
      );
      world.clock.advance(4 * 3_600_000);
      await world.counter.tick();
      assert.deepEqual(
        world.closed.filter(({ shift }) => shift === '1').map(({ machine }) => machine),
        ['M1'],
      );
      await mend('B');
      world.clock.advance(16 * 60_000);
      await world.counter.tick();
      assert.deepEqual(
        world.closed.filter(({ shift }) => shift === '1').map(({ machine }) => machine),
        ['M1', 'B'],
      );
      assert.deepEqual(
        world.types().filter((type) => type.startsWith('machine-')),
        ['machine-set-aside', 'machine-taken-back'],
      );
    });
  });
}

describe('the search for those at fault', () => {
  it('names each that is refused alone, and none of the others', () =>
    fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(50), { maxLength: 40 }), fc.nat(4), async (items, every) => {
        const isFaulty = (item: number) => item % (every + 3) === 1;
        let asked = 0;
        const found = await culpritsAmong(items, async (some) => {
          asked += 1;
          return some.some(isFaulty) ? new Error('refused') : undefined;
        });
        assert.deepEqual(new Set(found.keys()), new Set(items.filter(isFaulty)));
        assert.ok(asked <= 2 + 2 * items.length, `${asked} tries`);
      }),
    ));

  it('names nobody where the work is refused without any of them, and one of two that do not go together', async () => {
    const always = new Error('the database');
    assert.equal((await culpritsAmong([1, 2, 3], async () => always)).size, 0);
    const together = await culpritsAmong(['a', 'b'], async (some) => (some.length > 1 ? always : undefined));
    assert.deepEqual([...together.keys()], ['b']);
  });
});

describe('the notice of a machine that is set aside', () => {
  const event = (type: string, detail: ProductionEvent['detail']): ProductionEvent => ({
    seq: 7,
    machine: 'B',
    at: '2026-01-05T05:00:00.000Z',
    type,
    actor: 'tracker',
    reason: null,
    detail,
  });

  it('says machine, cause and consequence, and its end', () => {
    const begun = setAsideNotice(event('machine-set-aside', { part: 'readings', cause: 'a broken track' }), 'Press 1');
    assert.equal(begun?.severity, 'alarm');
    assert.match(begun?.title ?? '', /^Press 1: /);
    assert.match(begun?.body ?? '', /a broken track/);
    assert.match(begun?.body ?? '', /wait in the quarantine/);
    const ended = setAsideNotice(event('machine-taken-back', { part: 'readings' }), 'Press 1');
    assert.equal(ended?.severity, 'info');
    assert.notEqual(begun?.dedupeKey, ended?.dedupeKey);
    assert.equal(setAsideNotice(event('baseline', {}), 'Press 1'), null);
  });
});
