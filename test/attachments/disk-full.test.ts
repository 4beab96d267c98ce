// A disk that is full, wherever it shows: the sender is told, and nothing of the upload stays behind.
// Suite: root. It fills a real disk.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileArea, GrowingFile } from '../../nodes/attachments/file-area.ts';
import { diskFull } from '../../nodes/attachments/file-folder.ts';
import { jpeg } from './support/pictures.ts';
import { form, UploadServer, withMethods } from './support/upload-server.ts';

const photo = jpeg({ width: 3000, height: 2000, entropy: Buffer.alloc(1_500_000, 0x55) });
const upload = () =>
  form([
    ['note', 'x'],
    ['photos', photo, 'a.jpg'],
    ['photos', photo, 'b.jpg'],
  ]);

describe('an upload to a full disk', function () {
  this.timeout(60_000);
  let server: UploadServer | undefined;
  afterEach(() => server?.stop());

  const refused = async (running: UploadServer) => {
    const { status, body } = await running.send(upload());
    assert.deepEqual([status, body.error?.code], [503, 'disk-full'], JSON.stringify(body));
    await running.settles(() => running.filesOnDisk().length === 0, 'the removal of what was written');
    assert.equal((await running.book.attachmentsOf('test', ['1'])).size, 0);
  };

  /** The disk takes so many calls of its kind and then no more. */
  const fullAfter =
    (calls: number, kinds: readonly ('create' | 'write' | 'settle')[]) =>
    (area: FileArea): FileArea => {
      let left = calls;
      const spend = (kind: (typeof kinds)[number]) => {
        if (!kinds.includes(kind)) return;
        left -= 1;
        if (left < 0) throw diskFull();
      };
      const spending = (file: GrowingFile): GrowingFile => ({
        write: async (bytes) => {
          spend('write');
          await file.write(bytes);
        },
        finish: () => file.finish(),
        settle: async () => {
          spend('settle');
          await file.settle();
        },
        close: () => file.close(),
      });
      return withMethods(area, {
        createIncoming: async (id) => {
          spend('create');
          return spending(await area.createIncoming(id));
        },
        createKept: async (id) => {
          spend('create');
          return spending(await area.createKept(id));
        },
      });
    };

  for (const [kind, places] of [
    ['create', [0, 1, 2, 3]],
    ['write', [0, 1, 20, 60, 90]],
    ['settle', [0, 1]],
  ] as const) {
    for (const place of places) {
      it(`is refused and leaves nothing when the ${kind} number ${place + 1} fails`, async () => {
        server = await UploadServer.start({ spoil: fullAfter(place, [kind]) });
        await refused(server);
      });
    }
  }

  it('is refused at once when it could take the space that the database needs', async () => {
    server = await UploadServer.start({ settings: { reserveBytes: Number.MAX_SAFE_INTEGER } });
    await refused(server);
  });

  describe('that is a real one', () => {
    let mount: string;
    before(function () {
      mount = mkdtempSync(join(tmpdir(), 'shopfloor-full-'));
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount], { stdio: 'ignore' });
      if (mounted.status === 0) return;
      rmSync(mount, { recursive: true, force: true });
      // Containers of CI may not mount either; the injected faults above hold everywhere.
      process.stdout.write('      skipped: needs the right to mount a tmpfs\n');
      this.skip();
    });
    after(() => {
      if (spawnSync('umount', [mount], { stdio: 'ignore' }).status === 0)
        rmSync(mount, { recursive: true, force: true });
    });

    for (const [left, when] of [
      [1_000, 'while the first file arrives'],
      [2_000, 'while the second file arrives'],
      [3_600, 'while the clean copies are written'],
    ] as const) {
      it(`is refused and leaves nothing ${when}`, async () => {
        const database = mkdtempSync(join(tmpdir(), 'shopfloor-full-database-'));
        const running = await UploadServer.start({
          directory: mount,
          databaseUrl: `sqlite:${join(database, 'plant.sqlite')}`,
        });
        try {
          writeFileSync(join(mount, 'others'), Buffer.alloc((4_096 - left) * 1_024));
          // Without an announced length the space can not be asked for beforehand.
          const encoded = new Response(upload());
          const response = await fetch(`${running.url}/files/1`, {
            method: 'POST',
            headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
            body: encoded.body,
            ...{ duplex: 'half' },
          });
          assert.equal(response.status, 503, await response.clone().text());
          assert.match(await response.text(), /disk-full/);
          await running.settles(() => running.filesOnDisk().length === 0, 'the removal of what was written');
        } finally {
          await running.stop();
          rmSync(join(mount, 'others'), { force: true });
          rmSync(join(mount, 'files'), { recursive: true, force: true });
          rmSync(database, { recursive: true, force: true });
        }
      });
    }
  });
});
