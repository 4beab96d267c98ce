// Rows and bytes of kept files on both engines: together or not at all, hidden but never erased, swept only when nobody has them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoredBook } from '../../nodes/attachments/attachment-book.ts';
import type { KeepOrder } from '../../nodes/attachments/attachments-contract.ts';
import { FileFolder } from '../../nodes/attachments/file-folder.ts';
import { LiveUploads } from '../../nodes/attachments/live-uploads.ts';
import type { Attachment, StagedFile } from '../../nodes/attachments/messages.ts';
import { attachmentMigrations } from '../../nodes/attachments/schema.ts';
import { newFileId } from '../../nodes/attachments/upload-parts.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

/** However young, and whatever the manual clock says. */
const everything = { olderThanMs: -1e12 };
const order: KeepOrder = { room: 'ctp', owner: '7', role: 'before', actor: 'ani' };

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`files kept on ${engine}`, function () {
    this.timeout(60_000);
    let server: PostgresServer | undefined;
    let directory: string;
    let folder: string;
    let area: FileFolder;
    let store: Store;
    let live: LiveUploads;
    let book: StoredBook;
    let clock: ManualClock;

    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-book-'));
      folder = join(directory, 'files');
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(directory, 'plant.sqlite')}`);
      await store.migrate('attachments', attachmentMigrations(store.engine));
      area = new FileFolder(folder);
      live = new LiveUploads((id) => area.removeKept(id));
      clock = new ManualClock();
      book = new StoredBook({ store, area, live, clock });
    });
    afterEach(async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const onDisk = () => {
      try {
        return readdirSync(join(folder, 'kept'), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ name }) => name)
          .toSorted();
      } catch {
        return [];
      }
    };
    const write = async (): Promise<string> => {
      const id = newFileId();
      const file = await area.createKept(id);
      await file.write(Buffer.from('bytes'));
      await file.settle();
      return id;
    };
    /** A checked photo of an open request. */
    const staged = async (request: object, count = 1, withThumbnail = false): Promise<readonly StagedFile[]> => {
      const made = async (): Promise<StagedFile> => ({
        id: await write(),
        field: 'photos',
        name: 'foto "1".png',
        sizeBytes: 5,
        sha256: 'ab',
        kind: 'photo',
        type: 'image/png',
        width: 2,
        height: 3,
      });
      const files = await Promise.all(
        Array.from({ length: count }, async (_, position) => ({
          file: await made(),
          thumbnail: withThumbnail ? await made() : undefined,
          position,
        })),
      );
      live.add(request, files);
      return files.map(({ file }) => file);
    };
    const keep = (files: readonly StagedFile[], changed: Partial<KeepOrder> = {}): Promise<readonly Attachment[]> =>
      store.transaction((transaction) => book.keep(transaction, files, { ...order, ...changed }));

    it('stay when their request ends, and are served with headers that let nothing run', async () => {
      const request = {};
      const [kept] = await keep(await staged(request));
      await live.end(request);
      assert.ok(kept);
      assert.equal(kept.createdAt, clock.now().toISOString());
      const served = await book.read(kept.id);
      assert.equal(served.bytes.toString(), 'bytes');
      assert.deepEqual(served.headers, {
        'content-type': 'image/png',
        'content-length': '5',
        'content-disposition': 'inline; filename="foto _1_.png"; filename*=UTF-8\'\'foto%20%221%22.png',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'private, no-cache',
        etag: '"ab"',
      });
      assert.deepEqual(
        [served.attachment.room, served.attachment.owner, served.attachment.role],
        ['ctp', '7', 'before'],
      );
    });

    it('belong to this user only on the disk', async () => {
      const id = await write();
      const path = join(folder, 'kept', id.slice(0, 2), id);
      assert.equal((statSync(path).mode & 0o777).toString(8), '600');
      assert.equal((statSync(folder).mode & 0o777).toString(8), '700');
    });

    it('keep the order in which they were chosen, row by row, and only those that are asked for', async () => {
      const request = {};
      const files = await staged(request, 4, true);
      await keep(files.slice(0, 3));
      clock.advance(1_000);
      await keep(files.slice(3), { owner: '8' });
      await live.end(request);
      const found = await book.attachmentsOf('ctp', ['7', '8', '9']);
      assert.deepEqual(
        found.get('7')?.map(({ id }) => id),
        files.slice(0, 3).map(({ id }) => id),
      );
      assert.deepEqual(
        found.get('8')?.map(({ id }) => id),
        files.slice(3).map(({ id }) => id),
      );
      assert.equal(found.has('9'), false);
      assert.equal((await book.attachmentsOf('other', ['7'])).size, 0);
      assert.equal(
        (
          await book.attachmentsOf(
            'ctp',
            Array.from({ length: 2_500 }, (_, n) => String(n)),
          )
        ).size,
        2,
      );
    });

    it('leave with the request when the transaction fails, thumbnails too', async () => {
      const request = {};
      const files = await staged(request, 2, true);
      const failing = store.transaction(async (transaction) => {
        await book.keep(transaction, files, order);
        throw new Error('a rule says no');
      });
      await assert.rejects(failing, /a rule says no/);
      assert.equal(onDisk().length, 4);
      await live.end(request);
      assert.deepEqual(onDisk(), []);
    });

    it('can be kept by a transaction that runs twice', async () => {
      const request = {};
      const files = await staged(request, 1, true);
      await store
        .transaction(async (transaction) => {
          await book.keep(transaction, files, order);
          throw new Error('conflict');
        })
        .catch(() => {});
      const [kept] = await keep(files);
      await live.end(request);
      assert.equal((await book.read(kept?.id ?? '')).bytes.length, 5);
    });

    it('are refused once their request has ended, also in a transaction that had begun before', async () => {
      const request = {};
      const files = await staged(request);
      await live.end(request);
      await assert.rejects(keep(files), { code: 'upload-gone' });
      const other = {};
      const [late] = await staged(other);
      assert.ok(late);
      // The file is given up, as by a sweep, while its request is still open.
      await book.discardWithoutRow([late.id]);
      await assert.rejects(keep([late]), { code: 'upload-gone' });
      assert.deepEqual(onDisk(), []);
    });

    it('are kept or gone, never half, when keeping and giving up meet', async () => {
      for (let turn = 0; turn < 25; turn += 1) {
        const request = {};
        const files = await staged(request, 1, true);
        const keeping = keep(files, { owner: String(turn) }).then(
          () => true,
          () => false,
        );
        if (turn % 3 === 0) await Promise.resolve();
        const ending = turn % 2 === 0 ? live.end(request) : book.discardWithoutRow(files.map(({ id }) => id));
        const [isKept] = await Promise.all([keeping, ending]);
        await live.end(request);
        const rows = (await book.attachmentsOf('ctp', [String(turn)])).get(String(turn)) ?? [];
        assert.equal(rows.length, isKept ? 1 : 0);
        for (const { id } of rows) assert.ok((await book.read(id)).bytes.length > 0);
        await book.sweep(everything);
        assert.equal(onDisk().length, 2 * (await allRows()));
      }
    });
    const allRows = async () =>
      [
        ...(
          await book.attachmentsOf(
            'ctp',
            Array.from({ length: 25 }, (_, n) => String(n)),
          )
        ).values(),
      ].flat().length;

    it('are hidden with reason and person, and then served to nobody; their bytes stay', async () => {
      const request = {};
      const [kept] = await keep(await staged(request, 1, true));
      await live.end(request);
      assert.ok(kept?.thumbnailId);
      const hide = (owner: string, id = kept.id) =>
        store.transaction((transaction) =>
          book.hide(transaction, { room: 'ctp', owner }, id, { actor: 'budi', reason: 'wrong machine' }),
        );
      await assert.rejects(hide('8'), { code: 'no-such-file', httpStatus: 404 });
      await assert.rejects(hide('7', kept.thumbnailId), { code: 'no-such-file' });
      await hide('7');
      await assert.rejects(hide('7'), { code: 'no-such-file' });
      await assert.rejects(book.read(kept.id), { code: 'no-such-file' });
      await assert.rejects(book.read(kept.thumbnailId), { code: 'no-such-file' });
      assert.equal((await book.attachmentsOf('ctp', ['7'])).size, 0);
      const { hidden } = await book.find(kept.id);
      assert.deepEqual(hidden, { at: clock.now().toISOString(), by: 'budi', reason: 'wrong machine' });
      await book.sweep(everything);
      assert.equal(onDisk().length, 2);
    });

    it('are not found by names that are none', async () => {
      for (const id of ['', '../../plant.sqlite', 'x'.repeat(22), '%2e%2e', "' or 1=1"]) {
        await assert.rejects(book.read(id), { code: 'no-such-file' });
      }
    });

    describe('and swept', () => {
      beforeEach(() => book.sweep());

      it('lose what has no row and is old, and nothing else', async () => {
        const request = {};
        const [kept] = await keep(await staged(request));
        const [young, old] = [await write(), await write()];
        const incoming = newFileId();
        await (await area.createIncoming(incoming)).settle();
        writeFileSync(join(folder, 'kept', 'README'), 'not ours');
        const past = new Date(clock.now().getTime() - 2 * 60 * 60 * 1000);
        const now = clock.now();
        for (const [path, at] of [
          [join(folder, 'kept', old.slice(0, 2), old), past],
          [join(folder, 'incoming', incoming), past],
          [join(folder, 'kept', young.slice(0, 2), young), now],
          [join(folder, 'kept', (kept?.id ?? '').slice(0, 2), kept?.id ?? ''), past],
        ] as const) {
          utimesSync(path, at, at);
        }
        assert.deepEqual(await book.sweep(), { seen: 3, removed: 2 });
        assert.deepEqual(onDisk(), ['README', kept?.id ?? '', young].toSorted());
        assert.deepEqual(readdirSync(join(folder, 'incoming')), []);
        await live.end(request);
      });

      it('stay when the folder belongs to another database', async () => {
        await write();
        writeFileSync(join(folder, 'database'), 'of another plant\n');
        await assert.rejects(book.sweep(everything), /another database/);
        assert.equal(onDisk().length, 1);
      });

      it('stay when so many have no row that the database must be an older one', async () => {
        mkdirSync(join(folder, 'kept', 'aa'), { recursive: true });
        for (let n = 0; n < 600; n += 1) {
          writeFileSync(join(folder, 'kept', 'aa', `aa${String(n).padStart(20, '0')}`), 'x');
        }
        await assert.rejects(book.sweep(everything), /600 of 600 files/);
        assert.equal(onDisk().length, 600);
      });
    });
  });
}
