// kill -9 while files arrive, are checked and are kept: afterwards every row has its file, and after a sweep every file its row.
// Suite: first, long. The long form kills a hundred times.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttachmentSchema } from '../../nodes/attachments/schema.ts';
import { figure } from '../support/figures.ts';
import { runSize } from '../support/run-size.ts';
import { jpeg, png } from './support/pictures.ts';
import { form, UploadServer } from './support/upload-server.ts';

const kills = runSize({ short: 32, long: 100 });
/** Keeps senders busy, so that kills fall into every step. */
const large = jpeg({ width: 4000, height: 3000, entropy: Buffer.alloc(3_000_000, 0x55) });
const small = png({ width: 60, height: 60 });

describe('a process that is killed while files come in', function () {
  this.timeout(300_000);
  let directory: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-uploads-kill-'));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  const startChild = async () => {
    const started = fork(join(import.meta.dirname, 'support', 'upload-child.ts'), [directory]);
    child = started;
    const exited = once(started, 'exit');
    const [url] = (await once(started, 'message')) as [string];
    return { started, exited, url };
  };
  const photos = (first: Buffer) =>
    form([
      ['photos', first, 'a.jpg'],
      ['photos', small, 'b.png'],
      ['thumbnail_0', small, 't.png'],
    ]);
  /** How long this machine, as busy as it is now, needs for the first upload of a process. */
  const firstUploadMs = async () => {
    const { started, exited, url } = await startChild();
    const began = performance.now();
    const reply = await fetch(`${url}/files/1`, { method: 'POST', body: photos(large) });
    assert.equal(reply.status, 200, await reply.text());
    const took = performance.now() - began;
    started.kill('SIGKILL');
    await exited;
    return took;
  };

  it(`leaves no row without its file, and a sweep leaves no file without its row, ${kills} times`, async () => {
    const coldMs = await firstUploadMs();
    let answered = 2;
    let cut = 0;
    let swept = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const { started, exited, url } = await startChild();
      let running = true;
      let hasAnswered: () => void = () => {};
      const answer = new Promise<void>((resolve) => {
        hasAnswered = resolve;
      });
      const send = async (sender: number) => {
        for (let turn = 0; running; turn += 1) {
          const files = photos(turn % 2 === 0 ? large : small);
          try {
            const reply = await fetch(`${url}/files/${sender}`, { method: 'POST', body: files });
            await reply.arrayBuffer();
            if (reply.ok) {
              answered += 2;
              hasAnswered();
            }
          } catch {
            cut += 1;
            return;
          }
        }
      };
      const senders = [1, 2, 3].map(send);
      // Every fourth life sees an answer, however slow the machine is, so that what was answered is looked for as well.
      if (kill % 4 === 3) await answer;
      // Spread over the first uploads of the process: receiving, checking, writing, committing, answering.
      await new Promise((resolve) => setTimeout(resolve, (3 * coldMs * kill) / kills));
      running = false;
      started.kill('SIGKILL');
      await Promise.all([...senders, exited]);
      swept += await agrees(directory, answered);
    }
    assert.ok(cut > 0, 'no upload was cut');
    assert.ok(swept > 0, 'no kill left anything behind, so that the sweep showed nothing');
    assert.ok(answered > 2, 'no upload was answered');
    figure('kills', kills + 1);
  });
});

/** Sweeps and compares; returns how much the sweep removed. */
async function agrees(directory: string, answered: number): Promise<number> {
  const server = await UploadServer.start({ directory });
  try {
    const rows = await server.store.db<AttachmentSchema>().selectFrom('attachment').selectAll().execute();
    const onDisk = new Set(server.filesOnDisk());
    assert.deepEqual(
      rows.filter(({ id }) => !onDisk.has(`kept/${id}`)),
      [],
      'rows without their file',
    );
    const { removed } = await server.book.sweep({ olderThanMs: -1_000 });
    assert.deepEqual(server.filesOnDisk().toSorted(), rows.map(({ id }) => `kept/${id}`).toSorted());
    const photos = rows.filter(({ kind }) => kind !== 'thumbnail');
    assert.ok(photos.length >= answered, `${answered} were answered, ${photos.length} are there`);
    for (const { id, sha256 } of photos.slice(-4)) {
      const { bytes } = await server.book.read(id);
      assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256);
    }
    return removed;
  } finally {
    await server.stop();
  }
}
