// Search and similar problems: what is found by which typed text, on both engines alike, and that no typed sign breaks anything.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProblemFilter } from '../../../nodes/ctp/messages.ts';
import { wordsOf } from '../../../nodes/ctp/queries/words.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { dayMs, hourMs, type NewProblem, ReadWorld } from './read-world.ts';

const nowMs = Date.UTC(2026, 10, 21, 8);

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`search in the CTP log on ${engine}`, function () {
    this.timeout(120_000);
    let server: PostgresServer | undefined;
    let world: ReadWorld;
    /** Each problem begins an hour before the one reported before it. */
    let hours = 1;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      hours = 1;
      world = await ReadWorld.open('Asia/Jakarta', nowMs, await server?.newDatabase());
    });
    afterEach(() => world.close());

    const report = (fields: NewProblem) => {
      hours += 1;
      return world.report({ start_ms: nowMs - hours * hourMs, ...fields });
    };
    const solved = (problem_description: string, solution: string, fields: NewProblem = {}) => {
      hours += 1;
      const start_ms = fields.start_ms ?? nowMs - 30 * dayMs - hours * hourMs;
      return world.report({
        problem_description,
        solution,
        start_ms,
        end_ms: start_ms + hourMs,
        status: 'completed',
        ...fields,
      });
    };
    const found = async (search: string, filter: ProblemFilter = {}) =>
      (await world.queries.list({ ...filter, search, limit: 100 }, 'all')).data.map(({ id }) => id);
    const similar = async (text: string, more: object = {}) =>
      (await world.queries.similar({ text, ...more }, 'all')).data;

    it('finds words of description, solution, technician, vendor and code, whatever their case and accents', async () => {
      const described = await report({ problem_description: 'Rol KARÉT aus' });
      const repaired = await solved('Macet', 'Ganti karet');
      const named = await report({ technician_name: 'Karet Subagyo' });
      const coded = await report({ error_code: 'E-404' });
      const sent = await report({ technician_type: 'vendor', vendor_name: 'PT Heidelberg Indonesia' });
      assert.deepEqual(await found('heidel'), [sent]);
      assert.deepEqual(
        (await found('karet')).sort((left, right) => left - right),
        [described, repaired, named],
      );
      assert.deepEqual(await found('KARÈT subag'), [named]);
      assert.deepEqual(await found('e-404'), [coded]);
      assert.deepEqual(await found('E404'), [coded]);
      assert.deepEqual(await found('e 40'), [coded]);
    });

    it('needs every word, and of the last one only the beginning', async () => {
      const both = await report({ problem_description: 'Laser panas di kepala' });
      await report({ problem_description: 'Laser dingin' });
      assert.deepEqual(await found('laser pan'), [both]);
      assert.deepEqual(await found('pan laser'), []);
    });

    it('needs a word whole that is typed whole, also where it is the beginning of the last one', async () => {
      const id = await report({ problem_description: 'Laser panas' });
      assert.deepEqual(await found('pan pan'), []);
      assert.deepEqual(await found('panas pan'), [id]);
      assert.deepEqual(await found('panas panas'), [id]);
    });

    it('is not confused by what only the beginning of a word would find', async () => {
      await report({ problem_description: 'panas' });
      assert.deepEqual(await found('panas'), [1]);
      assert.deepEqual(await found('panasnya'), []);
    });

    it('finds a beginning that goes on in more words than are looked up one by one', async () => {
      const ids: number[] = [];
      for (let index = 0; index < 40; index += 1) ids.push(await report({ problem_description: `kode${index} rusak` }));
      assert.deepEqual(
        (await found('rusak kode')).sort((a, b) => a - b),
        ids,
      );
    });

    it('gives the newest first, pages through all of them and keeps the total of the first page', async () => {
      for (let index = 0; index < 30; index += 1)
        await report({ problem_description: 'mesin macet', start_ms: nowMs - index * 40 * dayMs });
      const ids: number[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await world.queries.list(
          { search: 'mesin', limit: 7, ...(cursor !== undefined && { cursor }) },
          'all',
        );
        ids.push(...page.data.map(({ id }) => id));
        assert.deepEqual([page.total, page.total_exact], [30, true]);
        cursor = page.next_cursor;
      }
      assert.deepEqual(
        ids,
        Array.from({ length: 30 }, (_, index) => index + 1),
      );
    });

    it('says when there are more than it counts', async () => {
      for (let index = 0; index < 1_005; index += 1) await report({ problem_description: 'sama' });
      const { total, total_exact } = await world.queries.list({ search: 'sama' }, 'all');
      assert.deepEqual([total, total_exact], [1_000, false]);
    });

    it('searches within every filter', async () => {
      const wanted = await report({
        machine_id: 2,
        severity: 'slow',
        technician_type: 'vendor',
        problem_description: 'drum goyang',
      });
      await report({ machine_id: 1, severity: 'slow', technician_type: 'vendor', problem_description: 'drum goyang' });
      await report({ machine_id: 2, severity: 'stop', technician_type: 'vendor', problem_description: 'drum goyang' });
      await report({ machine_id: 2, severity: 'slow', technician_type: 'lokal', problem_description: 'drum goyang' });
      await solved('drum goyang', 'baut', { machine_id: 2, severity: 'slow', technician_type: 'vendor' });
      const filter = {
        machine_id: 2,
        severity: 'slow',
        technician_type: 'vendor',
        status: 'open',
        year: 2026,
        month: 11,
      } as const;
      assert.deepEqual(await found('drum', filter), [wanted]);
      assert.deepEqual(await found('drum', { ...filter, month: 10 }), []);
    });

    it('keeps an actor to the machines of the scope', async () => {
      await report({ machine_id: 1, problem_description: 'drum' });
      const own = await report({ machine_id: 3, problem_description: 'drum' });
      const page = await world.queries.list({ search: 'drum' }, [2, 3]);
      assert.deepEqual(
        page.data.map(({ id }) => id),
        [own],
      );
      assert.deepEqual((await world.queries.list({ search: 'drum' }, [])).data, []);
    });

    it('finds void problems only when they are asked for', async () => {
      const id = await report({ problem_description: 'salah catat' });
      await world.change(id, { status: 'void' });
      assert.deepEqual(await found('salah'), []);
      assert.deepEqual(await found('salah cat', { status: 'void' }), [id]);
    });

    it('follows corrections of text, machine data and start', async () => {
      const id = await report({ problem_description: 'lama', severity: 'stop' });
      await world.change(id, { problem_description: 'baru' });
      assert.deepEqual([await found('lama'), await found('baru')], [[], [id]]);
      await world.change(id, { severity: 'minor' });
      assert.deepEqual(
        [await found('baru', { severity: 'stop' }), await found('baru', { severity: 'minor' })],
        [[], [id]],
      );
      await world.change(id, { start_ms: nowMs - 400 * dayMs });
      assert.deepEqual([await found('baru', { year: 2026 }), await found('baru', { year: 2025 })], [[], [id]]);
    });

    it('takes no typed sign for more than it is', async () => {
      const id = await report({
        problem_description: 'plate 100% "macet" OR laser* NEAR(drum) it’s _s0 a:b c^d & | ! \\',
      });
      for (const search of [
        '"macet"',
        'OR',
        'laser*',
        'NEAR(drum',
        'near',
        "it's",
        '100%',
        'a:b',
        'c^d',
        '& | ! macet',
        '\\ macet',
        '((((macet',
      ]) {
        assert.deepEqual(await found(search), [id], search);
      }
      for (const search of ['"', "'", '%', '_', '*', '()', '🔥', ':', '\\', '- -', '…', '\u0000', '_s0']) {
        const rows = await found(search);
        assert.deepEqual(rows, search === '_s0' ? [id] : [], search);
      }
    });

    it('answers whatever is typed, and always only with what holds every word', async () => {
      const texts = [
        'Laser panas 40°',
        'rol aus – ganti',
        'ÉCRAN noir',
        '版 macet',
        'E-7: "drum"',
        'a b c d e f g h i j k l',
      ];
      for (const problem_description of texts) await report({ problem_description });
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 })),
          async (search) => {
            for (const id of await found(search)) {
              const own = wordsOf(world.problem(id).problem_description);
              const typed = wordsOf(search).slice(0, 10);
              assert.ok(search.trim() === '' || typed.every((word) => own.some((known) => known.startsWith(word))));
            }
            await similar(search);
          },
        ),
        { numRuns: 200 },
      );
    });

    it('looks at no more than ten words', async () => {
      const id = await report({
        problem_description: Array.from({ length: 12 }, (_, index) => `kata${index}`).join(' '),
      });
      assert.deepEqual(await found(`${wordsOf(world.problem(id).problem_description).slice(0, 10).join(' ')} lain`), [
        id,
      ]);
    });

    describe('similar problems', () => {
      it('are completed ones with a solution, the most alike first', async () => {
        await solved('Plate macet di loader', 'Bersihkan rol loader');
        const best = await solved('Laser head panas lalu mati', 'Ganti kipas laser');
        await solved('Laser lemah', 'Kalibrasi laser');
        await report({ problem_description: 'Laser head panas lalu mati' });
        const without = await solved('Laser head panas lalu mati', 'x');
        await world.change(without, { solution: null });
        const rows = await similar('laser head panas');
        assert.equal(rows[0]?.id, best);
        assert.ok(rows.every(({ solution, status }) => solution !== null && status === 'completed'));
        assert.ok(!rows.some(({ problem_description }) => problem_description.startsWith('Plate')));
      });

      it('leave out void ones and machines outside the scope', async () => {
        const gone = await solved('drum goyang', 'kencangkan');
        await world.change(gone, { status: 'void' });
        const foreign = await solved('drum goyang keras', 'ganti', { machine_id: 3 });
        assert.deepEqual(
          (await similar('drum goyang')).map(({ id }) => id),
          [foreign],
        );
        assert.deepEqual((await world.queries.similar({ text: 'drum goyang' }, [1, 2])).data, []);
        assert.deepEqual((await world.queries.similar({ text: 'drum goyang' }, [])).data, []);
      });

      it('tell each solution once', async () => {
        for (let index = 0; index < 4; index += 1) await solved('pompa bocor', 'Ganti seal pompa.');
        await solved('pompa bocor', 'ganti SEAL pompa');
        const other = await solved('pompa bocor', 'ganti pompa');
        const rows = await similar('pompa bocor');
        assert.equal(rows.length, 2);
        assert.ok(rows.some(({ id }) => id === other));
      });

      it('prefer the machine that is typed for', async () => {
        await solved('sensor mati', 'bersihkan sensor', { machine_id: 1 });
        const own = await solved('sensor mati', 'ganti sensor', { machine_id: 2 });
        await solved('sensor mati', 'reset sensor', { machine_id: 3 });
        assert.equal((await similar('sensor mati', { machine_id: 2 }))[0]?.id, own);
      });

      it('prefer a repair that held to one after which the same code came back within a week', async () => {
        const start_ms = nowMs - 60 * dayMs;
        const failed = await solved('heater mati', 'setel ulang', { error_code: 'E-9', start_ms });
        const held = await solved('heater mati', 'ganti heater', { error_code: 'E-9', start_ms: start_ms + 2 * dayMs });
        const rows = await similar('heater mati');
        assert.deepEqual(
          rows.map(({ id, repair_held }) => [id, repair_held]),
          [
            [held, true],
            [failed, false],
          ],
        );
      });

      it('say nothing of a repair whose week is not over or that has no code', async () => {
        await solved('kipas mati', 'ganti kipas', { error_code: 'E-3', start_ms: nowMs - 2 * dayMs });
        await solved('kipas pelan', 'beri oli');
        assert.deepEqual(
          (await similar('kipas')).map(({ repair_held }) => repair_held),
          [null, null],
        );
      });

      it('are found in spite of a typing slip', async () => {
        const id = await solved('Processor bocor', 'Ganti selang');
        assert.deepEqual(
          (await similar('procesor bocro')).map((row) => row.id),
          [id],
        );
        assert.deepEqual(await similar('televisi'), []);
      });

      it('are none for a text without words, and no more than asked for', async () => {
        for (let index = 0; index < 8; index += 1) await solved('brush kotor', `cara ${index}`);
        assert.deepEqual([await similar(''), await similar('?!'), await similar('   ')], [[], [], []]);
        assert.equal((await similar('brush kotor')).length, 5);
        assert.equal((await similar('brush kotor', { limit: 7 })).length, 7);
        await assert.rejects(similar('brush', { limit: 21 }), { httpStatus: 400 });
      });
    });
  });
}
