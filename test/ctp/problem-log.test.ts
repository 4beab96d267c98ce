import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { InvalidInput, ShopfloorError } from '../../nodes/core/errors.ts';
import type { Asker } from '../../nodes/ctp/asker.ts';
import { parseCtpSettings } from '../../nodes/ctp/ctp-settings.ts';
import type {
  CtpBoard,
  CtpMachine,
  CtpProblem,
  CtpProblemEvent,
  CtpStatistics,
  StatusChange,
} from '../../nodes/ctp/messages.ts';
import { ctpMigrations } from '../../nodes/ctp/migrations.ts';
import { openProblemLog } from '../../nodes/ctp/open-log.ts';
import type { CtpSchema } from '../../nodes/ctp/tables.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { LogWorld, minutes, people, person } from './log-world.ts';

const fieldsOf = (error: unknown): readonly string[] =>
  (error as { fields?: readonly { field: string }[] }).fields?.map(({ field }) => field) ?? [];

/** Refused with this code and, where given, naming these fields. */
const refusal = (code: string, fields?: readonly string[]) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, code, String(error));
  if (fields) assert.deepEqual(fieldsOf(error), fields);
  return true;
};

function contract(engine: string, newUrl: () => Promise<string | undefined>): void {
  describe(`the problem log on ${engine}`, function () {
    this.timeout(60_000);
    let world: LogWorld;
    beforeEach(async () => {
      const url = await newUrl();
      world = await LogWorld.open(url === undefined ? {} : { url });
    });
    afterEach(() => world.close());

    describe('a report', () => {
      it('begins with three machines that run', async () => {
        const machines = await world.ask<{ nickname: string; status: string }[]>({ command: 'machines' });
        assert.deepEqual(
          machines.map(({ nickname, status }) => [nickname, status]),
          [
            ['suprasetter', 'active'],
            ['platesetter', 'active'],
            ['trendsetter', 'active'],
          ],
        );
      });

      it('opens a problem, stops its machine, and is an event with its words', async () => {
        const problem = await world.report({ error_code: 'e-21', category: 'laser', start_time: '2026-11-21T09:30' });
        assert.deepEqual(
          [problem.status, problem.error_code, problem.start_time, problem.created_by, problem.version],
          ['ongoing', 'E-21', '2026-11-21T02:30:00.000Z', 'ani', 1],
        );
        assert.equal(problem.downtime_hours, 0.5);
        const machine = await world.machine();
        assert.deepEqual([machine.status, machine.open_problems, machine.open_severity], ['maintenance', 1, 'stop']);
        const [event] = await world.history(problem.id);
        assert.deepEqual([event?.type, event?.actor, event?.detail.error_code], ['reported', 'ani', 'E-21']);
        assert.deepEqual(await world.get(problem.id), problem);
      });

      it('takes the fields of a form, where everything is a text', async () => {
        const problem = await world.report({
          machine_nickname: '',
          machine_id: '2',
          technician_type: 'vendor',
          vendor_name: 'Heidel',
          solution: '',
          end_time: '',
          parts: '[{"name": "Diode", "quantity": 2}]',
        });
        assert.deepEqual(
          [problem.machine_nickname, problem.solution, problem.end_time, problem.parts],
          ['platesetter', null, null, [{ name: 'Diode', quantity: 2 }]],
        );
      });

      it('with an end is completed at once', async () => {
        const problem = await world.report({ start_time: '2026-11-21T02:00:00Z', end_time: '2026-11-21T02:45:00Z' });
        assert.deepEqual([problem.status, problem.downtime_hours], ['completed', 0.75]);
        assert.equal((await world.machine()).status, 'active');
      });

      it('names every wrong field at once', async () => {
        await assert.rejects(
          world.report({
            problem_description: '  ',
            severity: 'huge',
            technician_type: 'friend',
            start_time: 'yesterday',
            error_code: '<script>',
            parts: [{ name: 'Diode', quantity: 1.5 }],
          }),
          refusal('invalid-input', [
            'error_code',
            'severity',
            'problem_description',
            'technician_type',
            'start_time',
            'parts[0].quantity',
          ]),
        );
      });

      it('never ends before it starts, nor begins or ends in the future', async () => {
        const wrong: readonly [Record<string, string>, readonly string[]][] = [
          [{ start_time: '2026-11-21T02:00:00Z', end_time: '2026-11-21T01:59:59Z' }, ['end_time']],
          [{ start_time: '2026-11-21T02:00:00Z', response_time: '2026-11-21T01:00:00Z' }, ['response_time']],
          [
            {
              start_time: '2026-11-21T01:00:00Z',
              response_time: '2026-11-21T02:30:00Z',
              end_time: '2026-11-21T02:00:00Z',
            },
            ['response_time'],
          ],
          [{ start_time: '2026-11-21T03:02:01Z' }, ['start_time']],
          [{ start_time: '2026-11-21T02:00:00Z', end_time: '2026-11-21T04:00:00Z' }, ['end_time']],
        ];
        for (const [fields, faults] of wrong)
          await assert.rejects(world.report(fields), refusal('invalid-input', faults));
        assert.equal((await world.machine()).open_problems, 0);
      });

      it('never begins in a year that only a broken clock shows', async () => {
        for (const start_time of ['1970-01-01T00:00', '1999-12-31T23:59:59Z'])
          await assert.rejects(world.report({ start_time }), refusal('invalid-input', ['start_time']));
        const { id, version } = await world.report({ start_time: '2000-01-01T00:00:00Z' });
        await assert.rejects(
          world.ask({ command: 'correct', id, version, start_time: '1970-01-01T00:00' }),
          refusal('invalid-input', ['start_time']),
        );
      });

      it('holds no character that a database can not keep', async () => {
        await assert.rejects(
          world.report({
            problem_description: 'Laser\0off',
            technician_name: 'To\0no',
            parts: [{ name: 'Dio\0de', quantity: 1 }],
          }),
          refusal('invalid-input', ['problem_description', 'technician_name', 'parts[0].name']),
        );
      });

      it('of a tablet whose clock runs a little ahead begins now', async () => {
        const { start_time } = await world.report({ start_time: '2026-11-21T03:01:59Z' });
        assert.equal(start_time, '2026-11-21T03:00:00.000Z');
      });

      it('names a machine and a category of the plant', async () => {
        await assert.rejects(
          world.report({ machine_nickname: 'offset' }),
          refusal('invalid-input', ['machine_nickname']),
        );
        await assert.rejects(
          world.report({ machine_nickname: '', machine_id: 99 }),
          refusal('invalid-input', ['machine_id']),
        );
        await assert.rejects(world.report({ category: 'magic' }), refusal('invalid-input', ['category']));
      });

      it('takes any well-formed code until the plant keeps a list, then those of the list', async () => {
        await world.report({ error_code: 'X1' });
        await world.ask({ command: 'add-code', kind: 'error_code', code: 'e-1', label: 'Laser' });
        await assert.rejects(world.report({ error_code: 'X2' }), refusal('invalid-input', ['error_code']));
        const problem = await world.report({ error_code: 'E-1' });
        await world.ask({ command: 'retire-code', kind: 'error_code', code: 'E-1' });
        await world.ask({ command: 'add-code', kind: 'error_code', code: 'E-2' });
        const kept = await world.ask<CtpProblem>({ command: 'correct', id: problem.id, solution: 'cleaned' });
        assert.equal(kept.error_code, 'E-1');
        await assert.rejects(
          world.report({ error_code: 'E-1', machine_nickname: 'platesetter' }),
          refusal('invalid-input', ['error_code']),
        );
      });

      it('takes no retired code, also where no other is left in the list', async () => {
        await world.ask({ command: 'add-code', kind: 'error_code', code: 'E-1' });
        await world.ask({ command: 'retire-code', kind: 'error_code', code: 'E-1' });
        await assert.rejects(world.report({ error_code: 'E-1' }), refusal('invalid-input', ['error_code']));
        assert.equal((await world.report({ error_code: 'X2' })).error_code, 'X2');
      });

      it('refuses a field that a command would pass over, and changes nothing', async () => {
        const { id } = await world.report();
        for (const [command, field] of [
          ['complete', 'severity'],
          ['correct', 'solutoin'],
          ['reopen', 'solution'],
          ['report', 'status'],
        ] as const) {
          const given = { command, id, machine_id: 1, problem_description: 'x', reason: 'y', [field]: 'minor' };
          await assert.rejects(world.ask(given), (thrown: unknown) => {
            assert.ok(thrown instanceof InvalidInput);
            assert.ok(thrown.fields.some((fault) => fault.field === field && fault.code === 'unknown-field'));
            return true;
          });
        }
        assert.deepEqual(await world.eventTypes(id), ['reported']);
      });

      it('is held to lists whose changes name who made them, each once', async () => {
        const add = (label: string) =>
          world.ask({ command: 'add-code', kind: 'error_code', code: 'E-1', label }, people.sari);
        await add('Laser');
        await add('Laser');
        await add('Laser head');
        const retire = { command: 'retire-code', kind: 'error_code', code: 'E-1' };
        await world.ask(retire, people.flow);
        await world.ask(retire, people.flow);
        await assert.rejects(world.ask({ ...retire, code: 'E-9' }), refusal('invalid-input', ['code']));
        const trail = await world.db().selectFrom('ctp_code_event').selectAll().orderBy('seq').execute();
        assert.deepEqual(
          trail.map(({ actor, via, code, type, label }) => [actor, via, code, type, label]),
          [
            ['sari', 'session', 'E-1', 'added', 'Laser'],
            ['sari', 'session', 'E-1', 'added', 'Laser head'],
            ['flow', 'flow', 'E-1', 'retired', null],
          ],
        );
      });

      it('of the same kind as an open one of the machine is refused with that one', async () => {
        const first = await world.report({ error_code: 'E-1', category: 'laser' });
        await assert.rejects(world.report({ error_code: 'E-1' }), (error: { code: string; current: CtpProblem }) => {
          assert.deepEqual([error.code, error.current.id], ['second-open-problem', first.id]);
          return true;
        });
        await world.report({ error_code: 'E-1', machine_nickname: 'platesetter' });
        await world.report({ category: 'laser' });
        await assert.rejects(world.report({ category: 'laser' }), refusal('second-open-problem'));
        await world.report({ problem_description: 'Noise' });
        await assert.rejects(world.report({ problem_description: ' noise ' }), refusal('second-open-problem'));
        await world.ask({ command: 'complete', id: first.id });
        await world.report({ error_code: 'E-1' });
      });

      it('with a commandId is done once, and the id is good for nothing else', async () => {
        const command = { commandId: 'tablet-1', error_code: 'E-1' };
        const first = await world.report(command);
        world.clock.advance(minutes(5));
        assert.deepEqual(await world.report(command), first);
        await assert.rejects(world.report({ ...command, error_code: 'E-2' }), refusal('command-id-reused'));
        await assert.rejects(world.report(command, people.budi), refusal('command-id-reused'));
        assert.equal((await world.machine()).open_problems, 1);
        const { events, notices } = await world.send(
          {
            command: 'report',
            machine_nickname: 'suprasetter',
            severity: 'stop',
            problem_description: 'Laser off',
            ...command,
          },
          people.ani,
        );
        assert.deepEqual([events, notices], [[], []]);
      });
    });

    describe('a correction', () => {
      it('moves the true start, and the event keeps what it was', async () => {
        const { id } = await world.report({ start_time: '2026-11-21T02:30:00Z' });
        const problem = await world.ask<CtpProblem>({
          command: 'correct',
          id,
          start_time: '2026-11-21T01:00:00Z',
          severity: 'slow',
          reason: 'wrong hour',
        });
        assert.deepEqual(
          [problem.start_time, problem.downtime_hours, problem.version],
          ['2026-11-21T01:00:00.000Z', 2, 2],
        );
        assert.equal(problem.problem_date, '2026-11-21T03:00:00.000Z');
        const event = (await world.history(id)).at(-1);
        assert.deepEqual(
          [event?.type, event?.reason, event?.detail],
          [
            'corrected',
            'wrong hour',
            {
              severity: { old: 'stop', new: 'slow' },
              start_time: { old: '2026-11-21T02:30:00.000Z', new: '2026-11-21T01:00:00.000Z' },
            },
          ],
        );
        assert.equal((await world.machine()).status, 'active');
      });

      it('by a form is of what the form says: an empty time says nothing', async () => {
        const response_time = '2026-11-21T02:50:00.000Z';
        const { id } = await world.report({ start_time: '2026-11-21T02:30:00Z', response_time });
        const form = { start_time: '', response_time: '', end_time: '', solution: 'Reset' };
        const after = await world.ask<CtpProblem>({ command: 'correct', id, ...form });
        assert.deepEqual([after.response_time, after.end_time, after.solution], [response_time, null, 'Reset']);
        assert.equal(
          (await world.ask<CtpProblem>({ command: 'correct', id, response_time: null })).response_time,
          null,
        );
      });

      it('that repeats what is there changes nothing', async () => {
        const problem = await world.report();
        const again = await world.ask<CtpProblem>({
          command: 'correct',
          id: problem.id,
          problem_description: 'Laser off',
          severity: '',
        });
        assert.equal(again.version, 1);
        assert.deepEqual(await world.eventTypes(problem.id), ['reported']);
      });

      it('of an older version is refused with the newer state; one of two people wins', async () => {
        const { id, version } = await world.report();
        const edit = (words: string) =>
          world.ask<CtpProblem>({ command: 'correct', id, version, problem_description: words });
        const outcomes = await Promise.allSettled([edit('from the left'), edit('from the right')]);
        const won = outcomes.find((outcome) => outcome.status === 'fulfilled');
        const lost = outcomes.find((outcome) => outcome.status === 'rejected');
        assert.ok(won && lost);
        refusal('version-conflict')(lost.reason);
        assert.deepEqual((lost.reason as { current: CtpProblem }).current, won.value);
        assert.equal(won.value.version, 2);
      });

      it('with an end completes an open problem, and never empties one', async () => {
        const { id } = await world.report({ start_time: '2026-11-21T02:00:00Z' });
        const done = await world.ask<CtpProblem>({ command: 'correct', id, end_time: '2026-11-21T02:30:00Z' });
        assert.deepEqual([done.status, await world.eventTypes(id)], ['completed', ['reported', 'completed']]);
        await assert.rejects(
          world.ask({ command: 'correct', id, end_time: null }),
          refusal('invalid-input', ['end_time']),
        );
        const later = await world.ask<CtpProblem>({ command: 'correct', id, end_time: '2026-11-21T02:40:00Z' });
        assert.deepEqual([later.status, later.end_time], ['completed', '2026-11-21T02:40:00.000Z']);
        assert.deepEqual(await world.eventTypes(id), ['reported', 'completed', 'corrected']);
      });

      it('moves a problem to the machine that it belongs to, and both machines follow', async () => {
        const { id } = await world.report();
        const moved = await world.send({
          command: 'correct',
          id,
          machine_nickname: 'platesetter',
          reason: 'wrong one',
        });
        assert.ok(moved.answer.kind === 'data');
        const problem = moved.answer.data as CtpProblem;
        const other = await world.machine('platesetter');
        assert.deepEqual([problem.machine_nickname, problem.version], ['platesetter', 2]);
        assert.deepEqual((await world.history(id)).at(-1)?.detail, { machine_id: { old: 1, new: other.id } });
        assert.deepEqual(
          [(await world.machine()).status, (await world.machine()).open_problems, other.status, other.open_problems],
          ['active', 0, 'maintenance', 1],
        );
        assert.deepEqual(
          moved.events.map(({ type, machine }) => [type, machine.nickname, machine.status]),
          [
            ['corrected', 'platesetter', 'maintenance'],
            ['machine-status', 'platesetter', 'maintenance'],
            ['machine-status', 'suprasetter', 'active'],
          ],
        );
        const listed = async (machine_nickname: string) =>
          (await world.ask<readonly CtpProblem[]>({ command: 'list', machine_nickname })).map((one) => one.id);
        assert.deepEqual([await listed('suprasetter'), await listed('platesetter')], [[], [id]]);
        const same = await world.ask<CtpProblem>({ command: 'correct', id, machine_id: other.id });
        assert.equal(same.version, 2);
      });

      it('moves no problem to where the same one is open, nor to a machine that is retired or unknown', async () => {
        const { id } = await world.report({ error_code: 'E-1' });
        await world.report({ error_code: 'E-1', machine_nickname: 'platesetter' });
        const move = (machine_nickname: string) => world.ask({ command: 'correct', id, machine_nickname });
        await assert.rejects(move('platesetter'), refusal('second-open-problem'));
        const codesOf = (error: unknown) => (error as ShopfloorError).fields.map(({ code, values }) => [code, values]);
        await assert.rejects(move('nowhere'), (error) => {
          assert.deepEqual(codesOf(error), [['unknown-machine', undefined]]);
          return refusal('invalid-input', ['machine_nickname'])(error);
        });
        const { id: machine_id, version } = await world.machine('trendsetter');
        await world.ask({ command: 'change-machine', machine_id, version, retired: true });
        await assert.rejects(move('trendsetter'), (error) => {
          assert.deepEqual(codesOf(error), [['retired-machine', { name: 'CTP 3 Trendsetter' }]]);
          return refusal('invalid-input', ['machine_id'])(error);
        });
        assert.equal((await world.get(id)).machine_nickname, 'suprasetter');
      });

      it('moves a problem only for those who may correct it on both machines', async () => {
        const { id } = await world.report({ problem_description: 'By Budi' }, people.budi);
        const move = (asker: Asker) => world.ask({ command: 'correct', id, machine_nickname: 'platesetter' }, asker);
        await assert.rejects(move(people.budi), refusal('forbidden'));
        await assert.rejects(move(people.tono), refusal('forbidden', ['machine_id']));
        const { id: own } = await world.report({ problem_description: 'By Ani' });
        await world.ask({ command: 'correct', id: own, machine_nickname: 'platesetter' }, people.ani);
        assert.equal((await world.get(own)).machine_nickname, 'platesetter');
      });

      it('never makes two open problems the same', async () => {
        await world.report({ error_code: 'E-1' });
        const { id } = await world.report({ error_code: 'E-2' });
        await assert.rejects(world.ask({ command: 'correct', id, error_code: 'E-1' }), refusal('second-open-problem'));
      });
    });

    describe('the end of a problem', () => {
      it('is now unless it is given, and frees the machine', async () => {
        const { id } = await world.report();
        world.clock.advance(minutes(90));
        const done = await world.ask<CtpProblem>({
          command: 'complete',
          id,
          solution: 'Diode changed',
          technician_type: 'lokal',
          technician_name: 'Tono',
        });
        assert.deepEqual(
          [done.status, done.end_time, done.downtime_hours, done.technician_name],
          ['completed', '2026-11-21T04:30:00.000Z', 1.5, 'Tono'],
        );
        assert.equal((await world.machine()).status, 'active');
        await assert.rejects(world.ask({ command: 'complete', id }), refusal('already-completed'));
      });

      it('can be told by a server whose clock was set back', async () => {
        const { id } = await world.report({ start_time: '2026-11-21T02:59:00Z' });
        world.clock.advance(-minutes(60));
        const done = await world.ask<CtpProblem>({ command: 'complete', id });
        assert.deepEqual([done.end_time, done.downtime_hours], ['2026-11-21T02:59:00.000Z', 0]);
      });

      it('is taken back by a reopening with a reason, once', async () => {
        const { id } = await world.report({ error_code: 'E-1' });
        await assert.rejects(world.ask({ command: 'reopen', id, reason: 'x' }), refusal('not-completed'));
        world.clock.advance(minutes(30));
        await world.ask({ command: 'complete', id });
        await assert.rejects(world.ask({ command: 'reopen', id, reason: ' ' }), refusal('invalid-input', ['reason']));
        world.clock.advance(minutes(30));
        const open = await world.ask<CtpProblem>({ command: 'reopen', id, reason: 'came back' });
        assert.deepEqual([open.status, open.end_time, open.downtime_hours], ['reopened', null, 1]);
        assert.equal((await world.machine()).status, 'maintenance');
        await assert.rejects(world.report({ error_code: 'E-1' }), refusal('second-open-problem'));
        assert.deepEqual(await world.eventTypes(id), ['reported', 'completed', 'reopened']);
      });

      it('by a void takes it out of everything and erases nothing', async () => {
        const { id } = await world.report({ error_code: 'E-1' });
        const gone = await world.ask<CtpProblem>({ command: 'void', id, reason: 'wrong machine' });
        assert.deepEqual([gone.status, gone.void_reason, gone.downtime_hours], ['void', 'wrong machine', null]);
        assert.equal((await world.machine()).status, 'active');
        for (const command of ['complete', 'reopen', 'void', 'correct']) {
          await assert.rejects(world.ask({ command, id, reason: 'x' }), refusal('problem-void'));
        }
        await world.report({ error_code: 'E-1' });
        assert.equal((await world.history(id)).at(-1)?.reason, 'wrong machine');
      });
    });

    describe('the status of a machine', () => {
      it('and the clock of a stop count from the start of what makes it stand, however late that was entered', async () => {
        const sinceOf = async () => {
          const { status, status_since, open_since } = await world.ask<CtpMachine>({
            command: 'machine',
            machine_id: 1,
          });
          return [status, status_since, open_since];
        };
        const ago = (count: number) => new Date(world.clock.now().getTime() - minutes(count)).toISOString();
        await world.report({ severity: 'minor', category: 'utility', start_time: ago(300) });
        assert.equal((await sinceOf())[2], ago(300));
        const cleaning = await world.report({ severity: 'stop', category: 'cleaning', start_time: ago(40) });
        assert.deepEqual(await sinceOf(), ['cleaning', ago(40), ago(40)]);
        const stop = await world.report({ severity: 'stop', category: 'laser', start_time: ago(7) });
        assert.deepEqual(await sinceOf(), ['maintenance', ago(7), ago(40)]);
        for (const { id } of [cleaning, stop]) await world.ask({ command: 'complete', id });
        assert.deepEqual(await sinceOf(), ['active', ago(0), ago(300)]);
        world.clock.advance(minutes(30));
        await world.ask({ command: 'reopen', id: stop.id, reason: 'came back' });
        assert.deepEqual(await sinceOf(), ['maintenance', ago(0), ago(37)]);
      });

      it('follows the worst of its open problems', async () => {
        const status = async () => (await world.machine()).status;
        const minor = await world.report({ severity: 'minor', category: 'utility' });
        assert.equal(await status(), 'active');
        const cleaning = await world.report({ severity: 'stop', category: 'cleaning' });
        assert.equal(await status(), 'cleaning');
        const stop = await world.report({ severity: 'stop', category: 'laser' });
        assert.equal(await status(), 'maintenance');
        await world.ask({ command: 'complete', id: stop.id });
        assert.equal(await status(), 'cleaning');
        await world.ask({ command: 'complete', id: cleaning.id });
        assert.equal(await status(), 'active');
        assert.equal((await world.machine()).open_problems, 1);
        await world.ask({ command: 'complete', id: minor.id });
        const data = await world.ask<StatusChange[]>({ command: 'status-history', machine_id: 1 });
        assert.deepEqual(
          data.map((change) => [change.status, change.problem_id]),
          [
            ['active', cleaning.id],
            ['cleaning', stop.id],
            ['maintenance', stop.id],
            ['cleaning', cleaning.id],
            ['active', null],
          ],
        );
      });

      it('set by hand holds with its reason until it is ended, and never hides what is worse', async () => {
        const set = (status: string, asker = people.ani) =>
          world.ask<{ status: string; manual_status: { by: string; reason: string } | null; status_since: string }>(
            { command: 'set-status', machine_id: 1, status, reason: 'plate room is painted' },
            asker,
          );
        const cleaning = await set('cleaning');
        assert.deepEqual([cleaning.status, cleaning.manual_status?.by], ['cleaning', 'ani']);
        const { id } = await world.report();
        assert.equal((await world.machine()).status, 'maintenance');
        await set('offline', people.sari);
        await world.ask({ command: 'complete', id });
        world.clock.advance(minutes(1));
        const offline = await world.machine();
        assert.deepEqual([offline.status, offline.status_since], ['offline', '2026-11-21T03:00:00.000Z']);
        assert.deepEqual([(await set('active')).status, (await world.machine()).manual_status], ['active', null]);
        await world.report();
        await assert.rejects(set('active'), refusal('status-derived'));
      });

      it('needs a reason and a known word', async () => {
        await assert.rejects(
          world.ask({ command: 'set-status', machine_id: 1, status: 'Aktif', reason: '' }),
          refusal('invalid-input', ['status', 'reason']),
        );
      });
    });

    describe('machines', () => {
      it('of any kind are added, renamed and retired, each under its version', async () => {
        const added = await world.ask<{ id: number; version: number }>({
          command: 'add-machine',
          name: 'Digital 1',
          nickname: 'digital-1',
          kind: 'digital press',
        });
        await assert.rejects(
          world.ask({ command: 'add-machine', name: 'Digital 1', nickname: 'digital-1', kind: 'x' }),
          refusal('invalid-input', ['name', 'nickname']),
        );
        const change = (fields: object, version: number) =>
          world.ask({ command: 'change-machine', machine_id: added.id, version, ...fields });
        const { id } = await world.report({ machine_nickname: 'digital-1' }, people.sari);
        await change({ name: 'Digital A' }, 1);
        await assert.rejects(change({ name: 'Digital B' }, 1), refusal('version-conflict'));
        await assert.rejects(change({ retired: true }, 2), refusal('machine-in-use'));
        await world.ask({ command: 'complete', id });
        await change({ retired: true }, 2);
        assert.equal((await world.machine('digital-1')).name, 'Digital A');
        await assert.rejects(world.ask({ command: 'reopen', id, reason: 'again' }), refusal('machine-retired'));
        const byHand = { command: 'set-status', machine_id: added.id, status: 'cleaning', reason: 'x' };
        await assert.rejects(world.ask(byHand), refusal('machine-retired'));
        await change({ retired: false }, 3);
        assert.equal((await world.ask<CtpProblem>({ command: 'reopen', id, reason: 'again' })).status, 'reopened');
        await world.ask({ command: 'complete', id });
        await change({ retired: true }, 4);
        await assert.rejects(
          world.report({ machine_nickname: 'digital-1' }, people.sari),
          refusal('invalid-input', ['machine_id']),
        );
      });
    });

    describe('the figures of a machine', () => {
      const planned = async (nickname: string) => {
        const window = { start_date: '2026-11-01', end_date: '2026-11-30' };
        const { planned_s, downtime_s } = await world.ask<CtpStatistics>({
          command: 'statistics',
          machine_nickname: nickname,
          ...window,
        });
        return { hours: planned_s / 3600, down: downtime_s / 3600 };
      };
      const add = (nickname: string) =>
        world.ask<CtpMachine>({ command: 'add-machine', name: nickname, nickname, kind: 'press' });
      const retire = async (nickname: string, retired: boolean) => {
        const { id, version } = await world.machine(nickname);
        await world.ask({ command: 'change-machine', machine_id: id, version, retired });
      };

      it('count the time from when it was added until it was retired, and again after it was taken back', async () => {
        await add('press-1');
        assert.deepEqual(await planned('press-1'), { hours: 0, down: 0 });
        world.clock.advance(minutes(600));
        assert.deepEqual(await planned('press-1'), { hours: 10, down: 0 });
        await retire('press-1', true);
        world.clock.advance(minutes(1200));
        assert.deepEqual(await planned('press-1'), { hours: 10, down: 0 });
        await retire('press-1', false);
        world.clock.advance(minutes(120));
        assert.deepEqual(await planned('press-1'), { hours: 12, down: 0 });
      });

      it('begin with a problem that was before it was added', async () => {
        await add('press-1');
        await world.report(
          { machine_nickname: 'press-1', start_time: '2026-11-20T03:00:00Z', end_time: '2026-11-20T05:00:00Z' },
          people.sari,
        );
        assert.deepEqual(await planned('press-1'), { hours: 24, down: 2 });
      });

      it('count no downtime while it was out of use, also in days that were summed before', async () => {
        await add('press-1');
        const { id } = await world.report({ machine_nickname: 'press-1' }, people.sari);
        world.clock.advance(minutes(60));
        await world.ask({ command: 'complete', id });
        await retire('press-1', true);
        world.clock.advance(minutes(3 * 1440));
        await world.ask({ command: 'tick' }, people.flow);
        await retire('press-1', false);
        await world.ask({ command: 'reopen', id, reason: 'It was never repaired' });
        world.clock.advance(minutes(60));
        assert.deepEqual(await planned('press-1'), { hours: 2, down: 2 });
        await world.ask({ command: 'tick' }, people.flow);
        assert.deepEqual(await planned('press-1'), { hours: 2, down: 2 });
      });

      it('of a log from before lives were kept are made of its events', async () => {
        await add('press-1');
        world.clock.advance(minutes(60));
        await retire('press-1', true);
        world.clock.advance(minutes(60));
        await retire('press-1', false);
        const read = () =>
          world.db().selectFrom('ctp_machine_life').selectAll().orderBy('machine_id').orderBy('nth').execute();
        const lives = await read();
        await sql`drop table ctp_machine_life`.execute(world.db());
        await world.store.transaction<CtpSchema, void>(
          (db) => ctpMigrations(world.store.engine)['0004-machine-life']?.up(db) ?? Promise.reject(),
        );
        assert.deepEqual(await read(), lives);
        assert.equal(lives.length, 5);
      });
    });

    describe('a problem of many years', () => {
      const days = async () => {
        const state = sql<{ rolled_to: number }>`select rolled_to from ctp_rollup_state where machine_id = 1`;
        return (await state.execute(world.db())).rows[0]?.rolled_to;
      };

      it('is ended at once, and its days are summed again by the next tick', async () => {
        const { id } = await world.report({ start_time: '2023-03-10T00:00:00Z' }, people.sari);
        await world.ask({ command: 'tick' }, people.flow);
        assert.equal(await days(), 20_261_121);
        const downtime = async () => {
          const asked = { command: 'statistics', machine_id: 1, start_date: '2023-01-01', end_date: '2026-12-31' };
          return (await world.ask<CtpStatistics>(asked)).downtime_s;
        };
        const open = await downtime();
        assert.equal(open, (Date.parse('2026-11-21T03:00:00Z') - Date.parse('2023-03-10T00:00:00Z')) / 1000);
        await world.ask({ command: 'complete', id, end_time: '2023-03-12T00:00:00Z' });
        assert.equal(await days(), 20_230_301);
        assert.equal(await downtime(), 2 * 86_400);
        await world.ask({ command: 'tick' }, people.flow);
        assert.equal(await days(), 20_261_121);
        assert.equal(await downtime(), 2 * 86_400);
      });
    });

    describe('a calendar with a wrong setting', () => {
      it('leaves downtime unknown, and stops neither a report nor the board', async () => {
        const wrong = () => {
          throw new ShopfloorError('settings-wrong', 503, 'The calendar is wrong.');
        };
        const { clock, store } = world;
        const log = await openProblemLog(store, parseCtpSettings({}), { clock, calendar: wrong });
        const fields = {
          severity: 'stop',
          problem_description: 'Laser off',
          start_ms: Date.parse('2026-11-19T00:00:00Z'),
        } as const;
        const machine = { machine_id: 1, machine_nickname: undefined };
        const report = { command: 'report', machine, fields, role: undefined, commandId: undefined } as const;
        await log.execute(report, people.sari);
        const { answer } = await log.execute({ command: 'board' }, people.sari);
        assert.ok(answer.kind === 'data');
        const [card] = (answer.data as CtpBoard).cards;
        assert.deepEqual(
          [card?.machine.status, card?.downtime_today_s, card?.downtime_month_s],
          ['maintenance', null, null],
        );
        await assert.rejects(log.execute({ command: 'statistics', input: {} }, people.sari), refusal('settings-wrong'));
        assert.equal((await world.ask<CtpBoard>({ command: 'board' })).cards[0]?.downtime_today_s, 36_000);
      });
    });

    describe('the trail of a problem', () => {
      it('is read page by page, newest first', async () => {
        const { id } = await world.report();
        for (let edit = 1; edit <= 6; edit += 1) await world.ask({ command: 'correct', id, solution: `try ${edit}` });
        const page = async (cursor?: string) => {
          const { answer } = await world.send({
            command: 'history',
            id,
            limit: 3,
            ...(cursor !== undefined && { cursor }),
          });
          assert.ok(answer.kind === 'data');
          const { total, next_cursor } = answer.page as { total: number; next_cursor: string | null };
          return { types: (answer.data as CtpProblemEvent[]).map(({ type }) => type), total, next_cursor };
        };
        const first = await page();
        const second = await page(first.next_cursor ?? '');
        const third = await page(second.next_cursor ?? '');
        assert.deepEqual(
          [first, second, third].map(({ types, total }) => [types, total]),
          [
            [['corrected', 'corrected', 'corrected'], 7],
            [['corrected', 'corrected', 'corrected'], 7],
            [['reported'], 7],
          ],
        );
        assert.equal(third.next_cursor, null);
      });
    });

    describe('a change of a machine', () => {
      it('that is sent again with its commandId is answered as it was', async () => {
        const { id, version } = await world.machine('platesetter');
        const rename = () =>
          world.ask({ command: 'change-machine', machine_id: id, version, kind: 'thermal', commandId: 'rename' });
        const first = await rename();
        assert.deepEqual(await rename(), first);
      });
    });

    describe('another time zone', () => {
      it('moves every count to the days of the new one', async () => {
        // Half past eleven in the evening of the 20th in Jakarta, half past one of the 21st in Tokyo.
        const late = { start_time: '2026-11-20T16:30:00Z', end_time: '2026-11-20T16:45:00Z' };
        await world.report({ ...late, error_code: 'E-1' });
        await world.report({ ...late, error_code: 'E-2', machine_nickname: 'platesetter' });
        const wrong = await world.report({ ...late, error_code: 'E-3' });
        await world.ask({ command: 'void', id: wrong.id, reason: 'twice' });
        await world.ask({ command: 'tick' }, people.flow);
        const tokyo = await openProblemLog(world.store, parseCtpSettings({ timeZone: 'Asia/Tokyo' }), {
          clock: world.clock,
        });
        await tokyo.execute({ command: 'tick' }, people.flow);
        const found = async (input: object) => {
          const { answer } = await tokyo.execute({ command: 'list', input: { ...input } }, people.sari);
          assert.equal(answer.kind, 'data');
          const page = answer.page as { readonly total: number };
          return [(answer.data as CtpProblem[]).length, page.total];
        };
        const day = (date: string) => ({ start_date: date, end_date: date });
        assert.deepEqual(await found(day('2026-11-20')), [0, 0]);
        assert.deepEqual(await found(day('2026-11-21')), [2, 2]);
        assert.deepEqual(await found({ ...day('2026-11-21'), machine_id: 1 }), [1, 1]);
        assert.deepEqual(await found({ ...day('2026-11-21'), status: 'void' }), [1, 1]);
        assert.deepEqual(await found({}), [2, 2]);
      });
    });

    describe('rights', () => {
      it('let ctp see and report at its own machines alone', async () => {
        await assert.rejects(world.report({ machine_nickname: 'trendsetter' }), refusal('forbidden'));
        const elsewhere = await world.report({ machine_nickname: 'trendsetter' }, people.sari);
        for (const command of ['get', 'history']) {
          await assert.rejects(world.ask({ command, id: elsewhere.id }, people.ani), refusal('forbidden'));
        }
        await assert.rejects(world.ask({ command: 'machine', machine_id: 3 }, people.ani), refusal('forbidden'));
        await assert.rejects(
          world.ask({ command: 'set-status', machine_id: 3, status: 'cleaning', reason: 'x' }, people.ani),
          refusal('forbidden'),
        );
        const machines = await world.ask<{ nickname: string }[]>({ command: 'machines' }, people.ani);
        assert.deepEqual(
          machines.map(({ nickname }) => nickname),
          ['suprasetter', 'platesetter'],
        );
        const mine = await world.report();
        const list = await world.ask<CtpProblem[]>({ command: 'list' }, people.ani);
        assert.deepEqual(
          list.map(({ id }) => id),
          [mine.id],
        );
        const none = await world.ask<CtpProblem[]>({ command: 'list' }, person('eko', ['ctp']));
        assert.deepEqual(none, []);
      });

      it('let ctp change its own problem while it is open, and nobody else’s', async () => {
        const { id } = await world.report();
        await assert.rejects(
          world.ask({ command: 'correct', id, solution: 'x' }, people.budi),
          refusal('forbidden', ['solution']),
        );
        await assert.rejects(world.ask({ command: 'complete', id }, people.budi), refusal('forbidden'));
        await world.ask({ command: 'correct', id, severity: 'slow', solution: 'x' }, people.ani);
        await world.ask({ command: 'complete', id }, people.ani);
        await assert.rejects(world.ask({ command: 'correct', id, solution: 'y' }, people.ani), refusal('forbidden'));
        for (const command of ['reopen', 'void']) {
          await assert.rejects(world.ask({ command, id, reason: 'x' }, people.ani), refusal('forbidden'));
        }
      });

      it('let maintenance write solution, parts and end, and no more', async () => {
        const { id } = await world.report();
        await world.ask(
          { command: 'correct', id, solution: 'Diode', parts: [{ name: 'Diode', quantity: 1 }] },
          people.tono,
        );
        await assert.rejects(
          world.ask(
            { command: 'correct', id, solution: 'Lens', severity: 'minor', start_time: '2026-11-21T01:00:00Z' },
            people.tono,
          ),
          refusal('forbidden', ['severity', 'start_time']),
        );
        await assert.rejects(world.report({}, people.tono), refusal('forbidden'));
        await assert.rejects(
          world.ask({ command: 'set-status', machine_id: 1, status: 'cleaning', reason: 'x' }, people.tono),
          refusal('forbidden'),
        );
        const done = await world.ask<CtpProblem>(
          { command: 'complete', id, technician_type: 'lokal', technician_name: 'Tono' },
          people.tono,
        );
        assert.deepEqual([done.status, done.technician_name], ['completed', 'Tono']);
      });

      it('let managers read, wall screens see the board, and both change nothing', async () => {
        const { id } = await world.report();
        assert.equal((await world.ask<CtpProblem>({ command: 'get', id }, people.maya)).id, id);
        const board = await world.ask<CtpBoard>({ command: 'board' }, people.wall);
        assert.equal(board.cards.length, 3);
        await assert.rejects(world.ask({ command: 'get', id }, people.wall), refusal('forbidden'));
        const acts = [
          { command: 'correct', id, solution: 'x' },
          { command: 'complete', id },
          { command: 'void', id, reason: 'x' },
          { command: 'set-status', machine_id: 1, status: 'offline', reason: 'x' },
          { command: 'add-machine', name: 'a', nickname: 'a', kind: 'a' },
          { command: 'add-code', kind: 'error_code', code: 'A' },
          { command: 'tick' },
          { command: 'told', notice: 1 },
        ];
        for (const asker of [people.maya, people.wall]) {
          for (const act of acts) await assert.rejects(world.ask(act, asker), refusal('forbidden'));
        }
      });
    });

    describe('what people are told', () => {
      it('is a new problem once, and each end and each reopening once, whatever is edited', async () => {
        const { notices } = await world.send(
          { command: 'report', machine_id: 1, severity: 'stop', problem_description: 'x'.repeat(150) },
          people.ani,
        );
        assert.deepEqual(
          notices.map(({ payload }) => [
            payload.type,
            payload.recipients.roles,
            payload.severity,
            payload.body?.length,
          ]),
          [['ctp_problem_new', ['ctp', 'admin'], 'alarm', 100]],
        );
        const id = 1;
        const kinds = async (command: Record<string, unknown>) =>
          (await world.send({ id, ...command })).notices.map(({ payload }) => payload.dedupeKey);
        assert.deepEqual(await kinds({ command: 'correct', solution: 'a' }), []);
        assert.deepEqual(await kinds({ command: 'complete' }), ['ctp_problem_resolved:1:1']);
        assert.deepEqual(await kinds({ command: 'correct', solution: 'b' }), []);
        assert.deepEqual(await kinds({ command: 'reopen', reason: 'again' }), ['ctp_problem_reopened:1:2']);
        assert.deepEqual(await kinds({ command: 'correct', solution: 'c' }), []);
        assert.deepEqual(await kinds({ command: 'complete' }), ['ctp_problem_resolved:1:2']);
      });

      it('is only the end of a problem that is entered with it, and nothing of an escalation', async () => {
        const { notices } = await world.send({
          command: 'report',
          machine_id: 1,
          severity: 'stop',
          problem_description: 'Laser off',
          solution: 'Diode replaced',
          start_time: '2026-11-21T01:00:00Z',
          end_time: '2026-11-21T02:00:00Z',
        });
        assert.deepEqual(
          notices.map(({ payload }) => [payload.dedupeKey, payload.body]),
          [['ctp_problem_resolved:1:1', 'Diode replaced']],
        );
        await world.send({ command: 'told', notice: notices[0]?.id }, people.flow);
        world.clock.advance(minutes(6000));
        assert.deepEqual((await world.send({ command: 'tick' }, people.flow)).notices, []);
        const { notices: again } = await world.send({ command: 'reopen', id: 1, reason: 'again' });
        await world.send({ command: 'told', notice: again[0]?.id }, people.flow);
        world.clock.advance(minutes(30));
        const { notices: late } = await world.send({ command: 'tick' }, people.flow);
        assert.deepEqual(
          late.map(({ payload }) => payload.dedupeKey),
          ['ctp_problem_escalated:1:2:1'],
        );
      });

      for (const [language, said] of [
        ['id', 'Masalah dipindahkan: CTP 1 Suprasetter → CTP 2 Platesetter · berhenti · E-1'],
        ['en-US', 'Problem moved: CTP 1 Suprasetter → CTP 2 Platesetter · stop · E-1'],
      ] as const) {
        it(`is the move of an open problem, to the people of both machines, once each (${language})`, async () => {
          const url = await newUrl();
          const own = await LogWorld.open({
            ...(url !== undefined && { url }),
            properties: { noticeLanguage: language },
          });
          try {
            const { id } = await own.report({ error_code: 'E-1' });
            const move = async (machine_nickname: string, more = {}) =>
              (await own.send({ command: 'correct', id, machine_nickname, ...more })).notices;
            const there = await move('platesetter', { commandId: 'once' });
            assert.deepEqual(
              there.map(({ payload }) => [payload.title, payload.recipients, payload.link, payload.severity]),
              [
                [
                  said,
                  { roles: ['ctp', 'admin'], machines: ['suprasetter', 'platesetter'] },
                  `/dashboard/ctp-machine?machine=platesetter&problem=${id}&left=suprasetter`,
                  'alarm',
                ],
              ],
            );
            const keys = [there[0]?.payload.dedupeKey];
            assert.deepEqual(await move('platesetter', { commandId: 'once' }), []);
            assert.deepEqual(await move('platesetter'), []);
            for (const nickname of ['suprasetter', 'platesetter'])
              keys.push((await move(nickname))[0]?.payload.dedupeKey);
            assert.deepEqual(keys, [
              `ctp_problem_moved:${id}:2`,
              `ctp_problem_moved:${id}:3`,
              `ctp_problem_moved:${id}:4`,
            ]);
            await own.ask({ command: 'complete', id });
            assert.deepEqual(await move('suprasetter'), [], 'nobody has to act on what is over');
          } finally {
            await own.close();
          }
        });
      }

      it('waits until the notify node has stored it', async () => {
        const first = await world.send({
          command: 'report',
          machine_id: 1,
          problem_description: 'a',
          severity: 'slow',
        });
        const again = await world.send({ command: 'tick' }, people.flow);
        assert.deepEqual(again.notices, first.notices);
        await world.send({ command: 'told', notice: first.notices[0]?.id }, people.flow);
        assert.deepEqual((await world.send({ command: 'tick' }, people.flow)).notices, []);
      });

      it('is what stays open too long: supervisors, then managers, each level once', async () => {
        const { id } = await world.report({ start_time: '2026-11-21T02:50:00Z' });
        await world.send({ command: 'told', notice: 1 }, people.flow);
        const told = async () => {
          const { notices, events } = await world.send({ command: 'tick' }, people.flow);
          for (const { id: notice } of notices) await world.send({ command: 'told', notice }, people.flow);
          assert.equal(events.length, notices.length);
          return notices.map(({ payload }) => payload.recipients.roles);
        };
        world.clock.advance(minutes(19));
        assert.deepEqual(await told(), []);
        world.clock.advance(minutes(1));
        assert.deepEqual(await told(), [['supervisor']]);
        assert.deepEqual(await told(), []);
        await world.ask({ command: 'correct', id, solution: 'not yet' });
        world.clock.advance(minutes(90));
        assert.deepEqual(await told(), [['manager']]);
        world.clock.advance(minutes(6000));
        assert.deepEqual(await told(), []);
        await world.ask({ command: 'complete', id });
        await world.ask({ command: 'reopen', id, reason: 'again' });
        for (const notice of [4, 5]) await world.send({ command: 'told', notice }, people.flow);
        world.clock.advance(minutes(120));
        assert.deepEqual(await told(), [['supervisor'], ['manager']]);
      });
    });

    it('keeps its history from whoever reaches the database', async () => {
      await world.report();
      await world.ask({ command: 'add-code', kind: 'error_code', code: 'E-1' });
      for (const table of ['ctp_event', 'ctp_status_history', 'ctp_code_event'] as const) {
        await assert.rejects(world.db().deleteFrom(table).execute(), /append-only/);
        await assert.rejects(world.db().updateTable(table).set({ actor: 'nobody' }).execute(), /append-only/);
      }
    });

    it('shows on the board what is open, the worst first, with the downtime of today and of the month', async () => {
      await world.report({ severity: 'minor', category: 'utility', start_time: '2026-11-20T10:00:00Z' });
      await world.report({ severity: 'stop', start_time: '2026-11-21T02:00:00Z' });
      const board = await world.ask<CtpBoard>({ command: 'board' }, people.flow);
      const card = board.cards[0];
      assert.deepEqual(
        card?.open.map(({ severity }) => severity),
        ['stop', 'minor'],
      );
      // Since midnight in Jakarta (17:00 UTC); the two overlap and count once.
      assert.deepEqual([card?.downtime_today_s, card?.downtime_month_s], [10 * 3600, 17 * 3600]);
      assert.equal(board.recent.length, 2);
    });
  });
}

describe('a wall clock without an offset', function () {
  this.timeout(60_000);
  const at = async (timeZone: string, now: string, start_time: string) => {
    const world = await LogWorld.open({ properties: { timeZone }, start: now });
    try {
      return (await world.report({ start_time })).start_time;
    } finally {
      await world.close();
    }
  };

  it("is the plant's, also where a clock change skipped it or showed it twice", async () => {
    assert.equal(await at('Asia/Jakarta', '2026-11-21T03:00:00Z', '2026-11-21 08:15'), '2026-11-21T01:15:00.000Z');
    const spring = '2026-03-29T08:00:00Z';
    assert.equal(await at('Europe/Berlin', spring, '2026-03-29T02:30'), '2026-03-29T01:30:00.000Z');
    assert.equal(await at('Europe/Berlin', spring, '2026-03-29T02:30+01:00'), '2026-03-29T01:30:00.000Z');
    const autumn = '2026-10-25T09:00:00Z';
    assert.equal(await at('Europe/Berlin', autumn, '2026-10-25T02:30'), '2026-10-25T00:30:00.000Z');
    assert.equal(await at('Europe/Berlin', autumn, '2026-10-25T02:30+01:00'), '2026-10-25T01:30:00.000Z');
  });
});

contract('SQLite', async () => undefined);

describe('with PostgreSQL', () => {
  let server: PostgresServer;
  before(async function () {
    server = await startPostgres(this);
  });
  after(function () {
    this.timeout(60_000);
    server?.stop();
  });
  contract('PostgreSQL', () => server.newDatabase());
});
