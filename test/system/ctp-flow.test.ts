// Every route of Log CTP on a running Shopfloor: what it answers, whom it refuses, and that all of it is as OpenAPI says.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import type { CtpMachine, CtpProblem, CtpStatistics } from '../../nodes/ctp/messages.ts';
import { Browser } from '../access/support/browser.ts';
import { assertDescribed } from '../openapi/validator.ts';
import { type NodeRedProcess, nodeRedLegs, requireLeg, startShopfloor } from '../support/node-red-process.ts';
import { CtpApi, type Reply } from './ctp-api.ts';

const people = {
  rina: { role: 'ctp', machines: ['suprasetter', 'platesetter'] },
  dewi: { role: 'ctp', machines: ['trendsetter'] },
  sari: { role: 'supervisor', machines: [] },
  joko: { role: 'maintenance', machines: [] },
  maya: { role: 'manager', machines: [] },
  budi: { role: 'warehouse', machines: [] },
} as const;
type Login = keyof typeof people;
const passwordOf = (login: string) => `sandi rahasia ${login}`;
const problems = '/api/ctp-problem-logs';

for (const leg of nodeRedLegs) {
  describe(`the routes of Log CTP on ${leg.name}`, function () {
    this.timeout(120_000);
    let home: string;
    let plant: NodeRedProcess;
    let api: CtpApi;
    /** Mapped by login. */
    const browsers = new Map<string, Browser>();

    before(async function () {
      requireLeg(this, leg);
      home = mkdtempSync(join(tmpdir(), 'shopfloor-ctp-flow-'));
      plant = await startShopfloor({ home, leg, environment: { ENABLE_AUTO_SYNC: 'false' } });
      api = new CtpApi(plant.url);
      for (const [login, { role, machines }] of Object.entries(people)) {
        const account = { login, name: login, roles: [role], machines, password: passwordOf(login) };
        await api.ok('POST', '/api/access/users', account);
        const browser = new Browser(plant.url);
        await browser.logIn(login, passwordOf(login));
        browsers.set(login, browser);
      }
    });
    after(async () => {
      for (const browser of browsers.values()) browser.close();
      await plant?.kill();
      if (home) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    });

    /** Calls a route as a person, and holds the reply to its description. */
    const as = async <Data>(login: Login, operation: string, path: string, body?: object): Promise<Reply<Data>> => {
      const [method = ''] = operation.split(' ');
      const browser = browsers.get(login);
      assert.ok(browser);
      const isForm = body instanceof FormData;
      const response = await browser.fetch(path, {
        method,
        headers: { accept: 'application/json', ...(body && !isForm && { 'content-type': 'application/json' }) },
        ...(body && { body: isForm ? body : JSON.stringify(body) }),
      });
      const reply = { status: response.status, body: (await response.json()) as Reply<Data>['body'] };
      assertDescribed(operation, reply.status, reply.body);
      return reply;
    };
    const report = (login: Login, fields: Readonly<Record<string, unknown>>) =>
      as<CtpProblem>(login, `POST ${problems}`, problems, { severity: 'stop', ...fields });
    const act = <Data = CtpProblem>(login: Login, what: string, id: number, body: object) =>
      as<Data>(login, `POST ${problems}/{id}/${what}`, `${problems}/${id}/${what}`, body);
    let counter = 0;
    const fresh = async (login: Login = 'rina', machine = 'platesetter'): Promise<CtpProblem> => {
      counter += 1;
      const { status, body } = await report(login, {
        machine_nickname: machine,
        problem_description: `problem ${counter}`,
        error_code: `C-${counter}`,
      });
      assert.equal(status, 201, JSON.stringify(body));
      return body.data;
    };

    it('list the machines that a person may see', async () => {
      const seenBy = async (login: Login) =>
        (await as<readonly CtpMachine[]>(login, 'GET /api/ctp-machines', '/api/ctp-machines')).body.data.map(
          ({ nickname }) => nickname,
        );
      assert.deepEqual(await seenBy('sari'), ['suprasetter', 'platesetter', 'trendsetter']);
      assert.deepEqual(await seenBy('rina'), ['suprasetter', 'platesetter']);
      assert.deepEqual(await seenBy('maya'), ['suprasetter', 'platesetter', 'trendsetter']);
      const { status } = await as('budi', 'GET /api/ctp-machines', '/api/ctp-machines');
      assert.equal(status, 403);
    });

    it('take a problem from its report over correction and end to a reopening, with its trail', async () => {
      const { id, version } = await fresh();
      const path = `${problems}/${id}`;
      const corrected = await as<CtpProblem>('rina', `PUT ${problems}/{id}`, path, { version, category: 'laser' });
      assert.deepEqual([corrected.status, corrected.body.data.category], [200, 'laser']);
      const late = await as('sari', `PUT ${problems}/{id}`, path, { version, category: 'other' });
      assert.deepEqual([late.status, late.body.error?.current?.category], [409, 'laser']);
      const done = await act('joko', 'complete', id, { solution: 'cleaned', parts: [{ name: 'lens', quantity: 1 }] });
      assert.deepEqual([done.status, done.body.data.status], [200, 'completed']);
      assert.equal((await as('rina', `PUT ${problems}/{id}`, path, { category: 'other' })).status, 403);
      const again = await act('sari', 'reopen', id, { reason: 'came back' });
      assert.deepEqual([again.status, again.body.data.status, again.body.data.end_time], [200, 'reopened', null]);
      const trail = await as<readonly { type: string; actor: string }[]>(
        'rina',
        `GET ${problems}/{id}/history`,
        `${path}/history`,
      );
      const told = trail.body.data.map(({ type, actor }) => `${type} ${actor}`);
      assert.deepEqual(told, ['reopened sari', 'completed joko', 'corrected joko', 'corrected rina', 'reported rina']);
      const gone = await as<CtpProblem>('sari', `DELETE ${problems}/{id}`, path, { reason: 'a test' });
      assert.deepEqual([gone.body.data.status, gone.body.data.void_reason], ['void', 'a test']);
      assert.equal((await as<CtpProblem>('rina', `GET ${problems}/{id}`, path)).body.data.downtime_hours, null);
    });

    it('answer a repeated command with the first reply', async () => {
      const fields = {
        machine_nickname: 'platesetter',
        problem_description: 'sent twice',
        error_code: 'T-1',
        commandId: 'tablet-7-0001',
      };
      const [first, second] = [await report('rina', fields), await report('rina', fields)];
      assert.equal(second.body.data.id, first.body.data.id);
      await act('sari', 'complete', first.body.data.id, { solution: 'x' });
    });

    it('refuse what no rule allows, with the field or the present state', async () => {
      const wrong = await report('rina', {
        machine_nickname: 'platesetter',
        problem_description: '',
        start_time: '2999-01-01T00:00:00Z',
      });
      assert.equal(wrong.status, 400);
      assert.ok(wrong.body.error?.fields?.some(({ field }) => field === 'problem_description'));
      const open = await fresh();
      const twin = { machine_nickname: 'platesetter', problem_description: 'again', error_code: open.error_code };
      assert.equal((await report('rina', twin)).status, 409);
      const early = await act('rina', 'complete', open.id, { end_time: '2001-01-01T00:00:00Z' });
      assert.equal(early.status, 400);
      assert.equal((await as('rina', `GET ${problems}/{id}`, `${problems}/999999`)).status, 404);
      assert.equal((await as('rina', `GET ${problems}/{id}`, `${problems}/one`)).status, 400);
      assert.equal((await as('rina', `GET ${problems}`, `${problems}?limit=0&month=13`)).status, 400);
      assert.equal((await as('rina', 'GET /api/ctp-statistics', '/api/ctp-statistics?bucket=hour')).status, 400);
      await act('rina', 'complete', open.id, { solution: 'x' });
    });

    it('refuse everybody what is not theirs', async () => {
      const { id } = await fresh();
      const path = `${problems}/${id}`;
      assert.equal((await as('dewi', `GET ${problems}/{id}`, path)).status, 403);
      assert.equal((await as('dewi', `PUT ${problems}/{id}`, path, { category: 'laser' })).status, 403);
      assert.equal((await report('dewi', { machine_nickname: 'platesetter', problem_description: 'x' })).status, 403);
      assert.equal((await report('joko', { machine_nickname: 'platesetter', problem_description: 'x' })).status, 403);
      assert.equal((await act('maya', 'complete', id, { solution: 'x' })).status, 403);
      assert.equal((await act('rina', 'reopen', id, { reason: 'x' })).status, 403);
      assert.equal((await as('rina', `DELETE ${problems}/{id}`, path, { reason: 'x' })).status, 403);
      assert.equal((await as('joko', `PUT ${problems}/{id}`, path, { severity: 'minor' })).status, 403);
      for (const [login, count] of [
        ['maya', 200],
        ['budi', 403],
      ] as const) {
        assert.equal((await as(login, `GET ${problems}`, problems)).status, count, login);
      }
      const nobody = await fetch(`${plant.url}${problems}`);
      assert.equal(nobody.status, 401);
      assertDescribed(`GET ${problems}`, 401, await nobody.json());
      await act('sari', 'complete', id, { solution: 'x' });
    });

    it('filter, search and page, every problem once', async () => {
      const all = await as<readonly CtpProblem[]>('sari', `GET ${problems}`, `${problems}?limit=100`);
      assert.equal(all.body.total, all.body.data.length);
      const paged: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: Reply<readonly CtpProblem[]> = await as('sari', `GET ${problems}`, `${problems}?limit=2${query}`);
        paged.push(...page.body.data.map(({ id }) => id));
        cursor = page.body.next_cursor;
      }
      assert.deepEqual(
        paged,
        all.body.data.map(({ id }) => id),
      );
      const found = await as<readonly CtpProblem[]>('sari', `GET ${problems}`, `${problems}?search=sent%20twice`);
      assert.deepEqual(
        found.body.data.map(({ problem_description }) => problem_description),
        ['sent twice'],
      );
      const similar = await as<readonly CtpProblem[]>(
        'rina',
        'GET /api/ctp-similar',
        '/api/ctp-similar?text=sent%20twice',
      );
      assert.equal(similar.body.data[0]?.problem_description, 'sent twice');
    });

    it('give figures with their formulas, and none where none is defined', async () => {
      const { body } = await as<CtpStatistics>(
        'sari',
        'GET /api/ctp-statistics',
        '/api/ctp-statistics?machine_nickname=trendsetter&bucket=day',
      );
      assert.equal(body.data.problems.total, 0);
      assert.equal(body.data.mttr.value, null);
      assert.ok(body.data.mttr.formula.length > 3);
    });

    it('keep photos and documents, serve them by id with rights checked, and hide them', async () => {
      const form = new FormData();
      form.append('machine_nickname', 'platesetter');
      form.append('problem_description', 'with a photo');
      form.append('severity', 'slow');
      form.append('error_code', 'F-1');
      form.append('problem_photos[]', new Blob([pngOf(8, 8)]), '../../head.html');
      form.append('problem_documents[]', new Blob([pdf]), 'manual.pdf');
      const { status, body } = await as<CtpProblem>('rina', `POST ${problems}`, problems, form);
      assert.equal(status, 201);
      const [photo] = body.data.photos;
      assert.ok(photo && body.data.documents[0]);
      const served = await browsers.get('rina')?.fetch(`/api/ctp-problem-photos/${photo.id}`);
      assert.equal(served?.headers.get('content-type'), 'image/png');
      assert.equal(served?.headers.get('x-content-type-options'), 'nosniff');
      const bytes = await served?.arrayBuffer();
      assert.equal(bytes?.byteLength, photo.sizeBytes);
      assert.equal((await browsers.get('dewi')?.fetch(`/api/ctp-problem-photos/${photo.id}`))?.status, 403);
      assert.equal((await fetch(`${plant.url}/api/ctp-problem-photos/${photo.id}`)).status, 401);

      const more = new FormData();
      more.append('role', 'after');
      more.append('problem_photos[]', new Blob([pngOf(9, 9)]), 'after.png');
      const { id } = body.data;
      const added = await as<CtpProblem>('rina', `POST ${problems}/{id}/photos`, `${problems}/${id}/photos`, more);
      assert.deepEqual(
        added.body.data.photos.map(({ role }) => role),
        ['before', 'after'],
      );
      const script = new FormData();
      script.append('problem_photos[]', new Blob(['<svg onload=alert(1)>']), 'photo.png');
      const refused = await as('rina', `POST ${problems}/{id}/photos`, `${problems}/${id}/photos`, script);
      assert.equal(refused.status, 415);
      const six = new FormData();
      for (let each = 0; each < 6; each += 1) six.append('problem_photos[]', new Blob([pngOf(4, 4)]), 'p.png');
      assert.equal((await as('rina', `POST ${problems}/{id}/photos`, `${problems}/${id}/photos`, six)).status, 413);

      const hidden = await as<CtpProblem>(
        'sari',
        'DELETE /api/ctp-problem-photos/{id}',
        `/api/ctp-problem-photos/${photo.id}`,
        { reason: 'a face' },
      );
      assert.equal(hidden.status, 200);
      assert.equal((await browsers.get('rina')?.fetch(`/api/ctp-problem-photos/${photo.id}`))?.status, 404);
      await act('sari', 'complete', id, { solution: 'x' });
    });

    it('set a status by hand, and tell both causes in the history', async () => {
      const path = '/api/ctp-machines/3';
      const set = await as<CtpMachine>('dewi', 'PUT /api/ctp-machines/{id}/status', `${path}/status`, {
        status: 'cleaning',
        reason: 'weekly',
      });
      assert.deepEqual([set.body.data.status, set.body.data.manual_status?.by], ['cleaning', 'dewi']);
      assert.equal(
        (await as('rina', 'PUT /api/ctp-machines/{id}/status', `${path}/status`, { status: 'offline', reason: 'x' }))
          .status,
        403,
      );
      const back = await as<CtpMachine>('dewi', 'PUT /api/ctp-machines/{id}/status', `${path}/status`, {
        status: 'active',
        reason: 'done',
      });
      assert.equal(back.body.data.manual_status, null);
      const history = await as<readonly { status: string }[]>(
        'sari',
        'GET /api/ctp-machines/{id}/status-history',
        `${path}/status-history?limit=2`,
      );
      assert.deepEqual(
        history.body.data.map(({ status }) => status),
        ['active', 'cleaning'],
      );
    });

    it('take further machines and codes from leaders only', async () => {
      const machine = { name: 'Press 1', nickname: 'press-1', kind: 'press' };
      assert.equal((await as('rina', 'POST /api/ctp-machines', '/api/ctp-machines', machine)).status, 403);
      const added = await as<CtpMachine>('sari', 'POST /api/ctp-machines', '/api/ctp-machines', machine);
      assert.equal(added.status, 201);
      const changed = await as<CtpMachine>(
        'sari',
        'PUT /api/ctp-machines/{id}',
        `/api/ctp-machines/${added.body.data.id}`,
        {
          version: added.body.data.version,
          retired: true,
        },
      );
      assert.equal(changed.body.data.retired, true);
      const code = { kind: 'category', code: 'ink' };
      const labelled = { ...code, label: 'Ink' };
      assert.equal((await as('rina', 'POST /api/ctp-codes', '/api/ctp-codes', labelled)).status, 403);
      assert.equal((await as('sari', 'POST /api/ctp-codes', '/api/ctp-codes', labelled)).status, 200);
      assert.equal((await as('sari', 'DELETE /api/ctp-codes', '/api/ctp-codes', code)).status, 200);
      const codes = await as<readonly { code: string; retired: boolean }[]>(
        'rina',
        'GET /api/ctp-codes',
        '/api/ctp-codes',
      );
      assert.equal(codes.body.data.find(({ code: each }) => each === 'ink')?.retired ?? true, true);
    });

    it('export what is filtered as CSV, as a workbook and as a page', async () => {
      const exported = async (format: string) => {
        const reply = await browsers.get('maya')?.fetch(`/export-ctp-logs?format=${format}&search=photo`);
        assert.ok(reply);
        return {
          status: reply.status,
          type: reply.headers.get('content-type') ?? '',
          bytes: Buffer.from(await reply.arrayBuffer()),
        };
      };
      const csv = await exported('csv');
      assert.match(csv.type, /^text\/csv/);
      assert.match(csv.bytes.toString(), /with a photo/);
      assert.doesNotMatch(csv.bytes.toString(), /sent twice/);
      for (const name of ['excel', 'xlsx']) assert.equal((await exported(name)).bytes.subarray(0, 2).toString(), 'PK');
      assert.match((await exported('pdf')).type, /^text\/html/);
      const refused = await as('maya', 'GET /export-ctp-logs', '/export-ctp-logs?format=doc');
      assert.equal(refused.status, 400);
      assert.equal((await browsers.get('budi')?.fetch('/export-ctp-logs?format=csv'))?.status, 403);
    });

    it('tell new and resolved problems to the people of the department once each, and mark them as read', async () => {
      const { id } = await fresh();
      for (const solution of ['first', 'second']) {
        await act('sari', 'complete', id, { solution });
        await as('sari', `PUT ${problems}/{id}`, `${problems}/${id}`, { solution: `${solution}, edited` });
      }
      const about = async () => {
        const { body } = await as<readonly { id: number; type: string; link: string; readAt: string | null }[]>(
          'rina',
          'GET /api/ctp-notifications',
          '/api/ctp-notifications?limit=200',
        );
        return body.data.filter(({ link }) => link.endsWith(`problem=${id}`));
      };
      while ((await about()).length < 2) await wait(100);
      await wait(500);
      const rows = await about();
      assert.deepEqual(
        rows.map(({ type }) => type),
        ['ctp_problem_resolved', 'ctp_problem_new'],
      );
      const read = await as<{ readAt: string | null }>(
        'rina',
        'PUT /api/ctp-notifications/{id}/read',
        `/api/ctp-notifications/${rows[0]?.id}/read`,
      );
      assert.ok(read.body.data.readAt);
      for (const person of ['rina', 'maya'] as const) {
        const unknown = await as(person, 'PUT /api/ctp-notifications/{id}/read', '/api/ctp-notifications/999999/read');
        assert.equal(unknown.status, 404, `a mark is ${person}'s own, although a manager changes nothing else`);
      }
      assert.deepEqual((await api.call('GET', '/api/ctp-notifications')).status, 401, 'a token has no bell');
    });

    it('are described to everybody who is logged in, and to nobody else', async () => {
      const reply = await browsers.get('budi')?.fetch('/api/openapi.json');
      assert.match((await reply?.text()) ?? '', /^\{"openapi":"3\.1\.0"/);
      assert.equal((await fetch(`${plant.url}/api/openapi.json`)).status, 401);
    });

    it('answer as described in every other room too', async () => {
      const token = async (operation: string, path: string, body?: object) => {
        const reply = await api.call(operation.split(' ')[0] ?? '', path, body);
        assertDescribed(operation, reply.status, reply.body);
        return reply;
      };
      const admin = '/api/admin';
      for (const path of [
        'batch-status',
        'monitor/real-time',
        'history',
        'failed-to-push',
        'watch-only',
        'scheduler/status',
      ]) {
        assert.equal((await token(`GET ${admin}/${path}`, `${admin}/${path}`)).status, 200, path);
      }
      assert.equal((await token(`GET ${admin}/history/{mo}`, `${admin}/history/WH%2FMO%2F99999`)).status, 404);
      assert.equal((await token(`GET ${admin}/history`, `${admin}/history?limit=0`)).status, 400);
      assert.equal(
        (await token(`POST ${admin}/clear-mo-batch`, `${admin}/clear-mo-batch`, { reason: 'x' })).status,
        200,
      );
      // Behind it: a run that has begun may have written orders by then, and those are not cleared.
      assert.equal((await token(`POST ${admin}/trigger-sync`, `${admin}/trigger-sync`, {})).status, 202);
      for (const path of ['users', 'audit', 'tokens']) {
        assert.equal((await token(`GET /api/access/${path}`, `/api/access/${path}`)).status, 200, path);
      }
      const made = await token('POST /api/access/tokens', '/api/access/tokens', {
        name: 'report',
        scopes: ['ctp.read'],
      });
      assert.equal(made.status, 201);
      const { id } = made.body.data as { id: string };
      assert.equal((await token('DELETE /api/access/tokens/{id}', `/api/access/tokens/${id}`)).status, 200);
      const again = { login: 'rina', name: 'Rina', roles: ['ctp'] };
      assert.equal((await token('POST /api/access/users', '/api/access/users', again)).status, 409);
      for (const path of ['/api/access/me', '/api/notifications', '/api/notifications/unread-count']) {
        assert.equal((await as('rina', `GET ${path}`, path)).status, 200, path);
      }
      const marked = await as('rina', 'PUT /api/notifications/mark-all-read', '/api/notifications/mark-all-read');
      assert.equal(marked.status, 200);
      const large = await fetch(`${plant.url}${problems}`, {
        method: 'POST',
        headers: { authorization: 'Bearer the-token-of-the-test-script', 'content-type': 'application/json' },
        body: JSON.stringify({ problem_description: 'x'.repeat(1_100_000) }),
      });
      assert.equal(large.status, 413);
      assertDescribed(`POST ${problems}`, 413, await large.json());
    });
  });
}

/** A grey PNG, made by hand so that no picture lies in the repository. */
function pngOf(width: number, height: number): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), body.length + 4);
    return frame;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 0x80);
  for (let row = 0; row < height; row += 1) rows[row * (width + 1)] = 0;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]),
  );
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const pdf = [
  '%PDF-1.4',
  '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
  '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj',
  'xref',
  '0 4',
  '0000000000 65535 f ',
  '0000000009 00000 n ',
  '0000000052 00000 n ',
  '0000000101 00000 n ',
  'trailer<</Size 4/Root 1 0 R>>',
  'startxref',
  '162',
  '%%EOF',
  '',
].join('\n');
