// kill -9 while problems are reported, corrected and completed with photos: rows, events, files, notices and figures agree afterwards.
// Suite: first, long. The long form kills a hundred times.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttachmentSchema } from '../../nodes/attachments/schema.ts';
import type { CtpProblem } from '../../nodes/ctp/messages.ts';
import { derivedStatus, isOpen, problemOf } from '../../nodes/ctp/problem.ts';
import type { CtpReadSchema } from '../../nodes/ctp/queries/read-tables.ts';
import type { CtpSchema } from '../../nodes/ctp/tables.ts';
import { png } from '../attachments/support/pictures.ts';
import { form } from '../attachments/support/upload-server.ts';
import { figure } from '../support/figures.ts';
import { runSize } from '../support/run-size.ts';
import { type LogServer, startLogServer } from './support/log-server.ts';

const kills = Number(process.env.KILLS ?? runSize({ short: 16, long: 100 }));
const photo = png({ width: 300, height: 200 });

describe('a problem log whose process is killed', function () {
  this.timeout(120_000 + kills * 10_000);
  let directory: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-ctp-kill-'));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it(`loses nothing, does nothing twice and tells everything once, ${kills} times`, async () => {
    const tablets = [new Tablet('sari', 1), new Tablet('ani', 2), new Tablet('sari', 3)];
    for (let kill = 0; kill < kills; kill += 1) {
      const started = fork(new URL('./support/log-child.ts', import.meta.url), [directory]);
      child = started;
      const exited = once(started, 'exit');
      const [url] = (await once(started, 'message')) as [string];
      // Fails the test at once when an answer is not what it must be.
      const working = Promise.all(tablets.map((tablet) => tablet.work(url)));
      // Each child dies after so many answers, and a moment that is never the same.
      const answers = 3 + (kill % 9);
      const before = tablets.reduce((sum, { answered }) => sum + answered, 0);
      while (tablets.reduce((sum, { answered }) => sum + answered, 0) < before + answers) {
        await Promise.race([pause(1), working]);
      }
      await pause(Math.random() * 12);
      for (const tablet of tablets) tablet.rest();
      started.kill('SIGKILL');
      await Promise.all([working, exited]);
      await agrees(directory, tablets);
    }
    assert.ok(
      tablets.some(({ cut }) => cut > 0),
      'no command was cut',
    );
    figure('kills', kills);
  });
});

/** One tablet: it goes on with its plan, and repeats under the same id what was not answered. */
class Tablet {
  answered = 0;
  cut = 0;
  /** Photos that an answer confirmed, mapped by problem. */
  readonly photos = new Map<number, number>();
  readonly #sender: string;
  readonly #machine: number;
  #step = 0;
  #current: CtpProblem | undefined;
  #working = false;

  constructor(sender: string, machine: number) {
    this.#sender = sender;
    this.#machine = machine;
  }

  rest(): void {
    this.#working = false;
  }

  async work(url: string): Promise<void> {
    this.#working = true;
    while (this.#working) {
      const command = this.#next();
      try {
        const response = await fetch(`${url}/files/1`, {
          method: 'POST',
          body: form(command),
          headers: { 'x-sender': this.#sender },
        });
        const body = (await response.json()) as { readonly data: CtpProblem };
        assert.equal(response.status, 200, JSON.stringify(body));
        this.#took(body.data, command.filter(([, value]) => Buffer.isBuffer(value)).length);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        this.cut += 1;
        return;
      }
    }
  }

  /** Report with photos, correct, add a photo, complete with one: the same words until they are answered. */
  #next(): readonly (readonly [string, string | Buffer, string?])[] {
    const commandId: readonly [string, string] = ['commandId', `${this.#machine}-${this.#step}`];
    const id: readonly [string, string] = ['id', String(this.#current?.id)];
    switch (this.#step % 4) {
      case 0:
        return [
          commandId,
          ['command', 'report'],
          ['machine_id', String(this.#machine)],
          ['severity', 'stop'],
          ['error_code', `E-${this.#step}`],
          ['problem_description', `Stop ${this.#step}`],
          ['problem_photos', photo, 'a.png'],
          ['problem_photos', photo, 'b.png'],
        ];
      case 1:
        return [commandId, id, ['command', 'correct'], ['solution', `tried ${this.#step}`], ['severity', 'slow']];
      case 2:
        return [commandId, id, ['command', 'add-files'], ['problem_photos', photo, 'c.png']];
      default:
        return [
          commandId,
          id,
          ['command', 'complete'],
          ['solution', `done ${this.#step}`],
          ['problem_photos', photo, 'd.png'],
        ];
    }
  }

  #took(problem: CtpProblem, photos: number): void {
    this.#current = problem;
    this.photos.set(problem.id, (this.photos.get(problem.id) ?? 0) + photos);
    this.#step += 1;
    this.answered += 1;
  }

  get problems(): number {
    return Math.ceil(this.#step / 4);
  }
}

async function agrees(directory: string, tablets: readonly Tablet[]): Promise<void> {
  const world = await startLogServer(directory);
  try {
    await agree(world, tablets);
  } finally {
    await world.stop();
  }
}

async function agree({ server }: LogServer, tablets: readonly Tablet[]): Promise<void> {
  const db = server.store.db<CtpSchema>();
  const problems = (await db.selectFrom('ctp_problem').selectAll().execute()).map(problemOf);
  const events = await db.selectFrom('ctp_event').selectAll().orderBy('seq').execute();
  const notices = await db.selectFrom('ctp_notice').select('dedupe_key').execute();
  const files = await server.store.db<AttachmentSchema>().selectFrom('attachment').selectAll().execute();

  // Answered is kept; at most the one command of each tablet that was under way may be there besides.
  const known = new Map(tablets.flatMap(({ photos }) => [...photos]));
  const reported = tablets.reduce((sum, tablet) => sum + tablet.problems, 0);
  assert.ok(
    problems.length >= reported && problems.length <= reported + tablets.length,
    `${problems.length} of ${reported}`,
  );
  for (const problem of problems) {
    const own = events.filter(({ problem_id }) => problem_id === problem.id);
    const details = own.map(({ type, detail }) => ({ type, detail: JSON.parse(detail) as Record<string, unknown> }));
    const count = (type: string) => details.filter((event) => event.type === type).length;
    assert.deepEqual(
      [count('reported'), count('completed')],
      [1, isOpen(problem.status) ? 0 : 1],
      `events of ${problem.id}`,
    );

    // The trail alone tells what the row says.
    const told = new Map<string, unknown>(Object.entries(details[0]?.detail ?? {}));
    for (const { type, detail } of details) {
      if (type !== 'corrected') continue;
      for (const [field, change] of Object.entries(detail as Record<string, { old: unknown; new: unknown }>)) {
        assert.deepEqual(told.get(field), change.old, `${field} of ${problem.id}`);
        told.set(field, change.new);
      }
    }
    assert.deepEqual([told.get('solution'), told.get('severity')], [problem.solution, problem.severity]);

    // Every file has its event and every event its file, with the same hash, and what was answered is there.
    const kept = files.filter(
      ({ room, owner, kind }) => room === 'ctp' && owner === String(problem.id) && kind === 'photo',
    );
    const added = details
      .filter(({ type }) => type === 'photo-added')
      .map(({ detail }) => `${String(detail.file_id)} ${String(detail.sha256)}`);
    assert.deepEqual(kept.map(({ id, sha256 }) => `${id} ${sha256}`).sort(), added.sort());
    assert.ok(kept.length >= (known.get(problem.id) ?? 0), `photos of ${problem.id}`);

    const keys = notices.map(({ dedupe_key }) => dedupe_key).filter((key) => key.split(':')[1] === String(problem.id));
    const expected = [
      `ctp_problem_new:${problem.id}`,
      ...(isOpen(problem.status) ? [] : [`ctp_problem_resolved:${problem.id}:1`]),
    ];
    assert.deepEqual(keys.sort(), expected.sort());
  }
  const onDisk = new Set(server.filesOnDisk());
  assert.deepEqual(
    files.filter(({ id }) => !onDisk.has(`kept/${id}`)),
    [],
    'rows without their file',
  );
  for (const machine of await db.selectFrom('ctp_machine').selectAll().execute()) {
    const open = problems.filter(({ machine_id, status }) => machine_id === machine.id && isOpen(status));
    assert.equal(machine.derived_status, derivedStatus(open), machine.name);
  }
  const facts = await server.store
    .db<CtpReadSchema>()
    .selectFrom('ctp_fact')
    .select(['id', 'end_ms'])
    .orderBy('id')
    .execute();
  assert.deepEqual(
    facts.map((fact) => ({ ...fact })),
    problems.map(({ id, end_ms }) => ({ id, end_ms })).sort((left, right) => left.id - right.id),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
