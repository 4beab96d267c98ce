import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { installAttachments } from '../../nodes/attachments/attachments-contract.ts';
import type { Attachment } from '../../nodes/attachments/messages.ts';
import type { CtpProblem, CtpProblemEvent } from '../../nodes/ctp/messages.ts';
import { jpeg, png } from '../attachments/support/pictures.ts';
import { form } from '../attachments/support/upload-server.ts';
import { people } from './log-world.ts';
import { type LogServer, startLogServer } from './support/log-server.ts';

interface Reply {
  readonly status: number;
  readonly body: { readonly success: boolean; readonly data: CtpProblem; readonly error?: { readonly code: string } };
}

type Part = readonly [field: string, value: string | Buffer, name?: string];

describe('the files of a problem', function () {
  this.timeout(60_000);
  let world: LogServer;
  beforeEach(async () => {
    world = await startLogServer();
  });
  afterEach(() => world.stop());

  const send = async (parts: readonly Part[], sender = 'sari'): Promise<Reply> =>
    (await world.server.send(form(parts), { 'x-sender': sender })) as unknown as Reply;
  const report = (files: readonly Part[], more: readonly Part[] = []): Promise<Reply> =>
    send(
      [
        ['command', 'report'],
        ['machine_nickname', 'suprasetter'],
        ['severity', 'stop'],
        ['problem_description', 'Laser off'],
        ...more,
        ...files,
      ],
      'ani',
    );
  const photo = png({ width: 20, height: 10 });
  const roles = (files: readonly Attachment[]) => files.map(({ name, role }) => [name, role]);
  const events = async (id: number): Promise<readonly CtpProblemEvent[]> => {
    const { answer } = await world.log.execute({ command: 'history', id, limit: 100, below: undefined }, people.sari);
    return answer.kind === 'data' ? (answer.data as CtpProblemEvent[]).reverse() : [];
  };

  it('come with its report, each with its SHA-256 in the trail', async () => {
    const { status, body } = await report([
      ['problem_photos[]', photo, 'one.png'],
      ['problem_photos[]', jpeg({ width: 16, height: 16 }), 'two.jpg'],
      ['thumbnails', photo, 'two.jpg'],
    ]);
    assert.equal(status, 200);
    assert.deepEqual(roles(body.data.photos), [
      ['one.png', 'before'],
      ['two.jpg', 'before'],
    ]);
    const [first] = body.data.photos;
    assert.ok(first);
    const { answer } = await world.log.execute({ command: 'file', file_id: first.id }, people.ani);
    assert.equal(answer.kind, 'file');
    if (answer.kind !== 'file') return;
    const sha256 = createHash('sha256').update(answer.bytes).digest('hex');
    const trail = await events(body.data.id);
    assert.deepEqual(
      trail.map(({ type }) => type),
      ['reported', 'photo-added', 'photo-added'],
    );
    assert.deepEqual([trail[1]?.detail.sha256, trail[1]?.detail.file_id], [sha256, first.id]);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  });

  it('are kept also when the first of them opens the attachments and brings their tables up to date', async () => {
    const { attachments } = world.server;
    installAttachments({
      uploadsOf: (request) => attachments.uploadsOf(request),
      on: async (store) => {
        await store.migrate('opened_late', { '0001': { up: async () => {} } });
        return attachments.on(store);
      },
    });
    const { status, body } = await report([['problem_photos', photo, 'first.png']]);
    assert.deepEqual([status, roles(body.data.photos)], [200, [['first.png', 'before']]]);
  });

  it('show the machine after the repair when they come with its end or say so', async () => {
    const { body } = await report([['problem_photos', photo, 'before.png']]);
    const id = String(body.data.id);
    await send([
      ['command', 'add-files'],
      ['id', id],
      ['after_photos[]', photo, 'said.png'],
    ]);
    const done = await send([
      ['command', 'complete'],
      ['id', id],
      ['solution', 'Diode changed'],
      ['problem_photos', photo, 'end.png'],
    ]);
    assert.deepEqual(roles(done.body.data.photos), [
      ['before.png', 'before'],
      ['said.png', 'after'],
      ['end.png', 'after'],
    ]);
  });

  it('are gone with a report that is refused', async () => {
    const refused = await report([['problem_photos', photo, 'a.png']], [['start_time', '2100-01-01T00:00']]);
    assert.equal(refused.status, 400);
    await world.server.settles(() => world.server.filesOnDisk().length === 0, 'the deletion of refused files');
  });

  it('are kept once, however often the report is sent', async () => {
    const command: readonly Part[] = [['commandId', 'tablet-7']];
    const first = await report([['problem_photos', photo, 'a.png']], command);
    const second = await report([['problem_photos', photo, 'a.png']], command);
    assert.equal(second.status, 200);
    assert.deepEqual(second.body.data.photos, first.body.data.photos);
    await world.server.settles(() => world.server.filesOnDisk().length === 1, 'the deletion of the repeated file');
    const other = await report([['problem_photos', png({ width: 9, height: 9 }), 'a.png']], command);
    assert.equal(other.body.error?.code, 'command-id-reused');
  });

  it('are for those who may change the problem, and seen by those who may see its machine', async () => {
    const { body } = await send([
      ['command', 'report'],
      ['machine_nickname', 'trendsetter'],
      ['severity', 'stop'],
      ['problem_description', 'Noise'],
      ['problem_photos', photo, 'a.png'],
    ]);
    const id = String(body.data.id);
    const add = (sender: string) =>
      send(
        [
          ['command', 'add-files'],
          ['id', id],
          ['problem_photos', photo, 'b.png'],
        ],
        sender,
      );
    assert.equal((await add('ani')).status, 403);
    assert.equal((await add('maya')).status, 403);
    assert.equal((await add('tono')).status, 200);
    const file_id = body.data.photos[0]?.id ?? '';
    const file = { command: 'file', file_id } as const;
    await assert.rejects(world.log.execute(file, people.ani), { code: 'forbidden' });
    assert.equal((await world.log.execute(file, people.maya)).answer.kind, 'file');
    await assert.rejects(world.log.execute({ ...file, file_id: 'nothing' }, people.sari), { httpStatus: 404 });
  });

  it('are hidden with a reason by a supervisor, and their trail stays', async () => {
    const { body } = await report([['problem_photos', photo, 'face.png']]);
    const hide = {
      command: 'hide-file',
      id: undefined,
      file_id: body.data.photos[0]?.id ?? '',
      reason: 'shows a face',
      commandId: 'hide',
    } as const;
    await assert.rejects(world.log.execute(hide, people.tono), { code: 'forbidden' });
    await assert.rejects(world.log.execute({ ...hide, id: 99 }, people.sari), { httpStatus: 404 });
    const { answer } = await world.log.execute(hide, people.sari);
    assert.deepEqual(answer.kind === 'data' && (answer.data as CtpProblem).photos, []);
    await assert.rejects(world.log.execute({ command: 'file', file_id: hide.file_id }, people.sari), {
      httpStatus: 404,
    });
    assert.deepEqual((await world.log.execute(hide, people.sari)).answer, answer);
    await assert.rejects(world.log.execute({ ...hide, commandId: undefined }, people.sari), { httpStatus: 404 });
    const hidden = (await events(body.data.id)).filter(({ type }) => type === 'photo-hidden');
    assert.deepEqual(
      hidden.map(({ reason, detail }) => [reason, detail.name]),
      [['shows a face', 'face.png']],
    );
  });

  it('need a problem that is not void, and at least one file', async () => {
    const { body } = await report([]);
    const id = String(body.data.id);
    const empty = await send([
      ['command', 'add-files'],
      ['id', id],
    ]);
    assert.equal(empty.status, 400);
    await send([
      ['command', 'void'],
      ['id', id],
      ['reason', 'a mistake'],
    ]);
    const late = await send([
      ['command', 'add-files'],
      ['id', id],
      ['problem_photos', photo, 'b.png'],
    ]);
    assert.deepEqual([late.status, late.body.error?.code], [409, 'problem-void']);
  });
});
