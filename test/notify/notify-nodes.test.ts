// The nodes notify and user-admin in a real Node-RED, with the routes and the bell of an open page.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchAlarmCodes } from '../../nodes/batch/messages.ts';
import type { NotifyChannelMessage, NotifyStored, UnreadCount } from '../../nodes/notify/messages.ts';
import { taskAlarmCodes } from '../../nodes/scheduler/messages.ts';
import { Browser } from '../access/support/browser.ts';
import { adminPassword, apiToken, type Plant, type Probed, startPlant } from '../access/support/plant.ts';
import { plantFlows } from '../access/support/plant-flows.ts';

const bearer = { authorization: `Bearer ${apiToken}` };

const route = (id: string, target: string) => [
  { id: `${id}-in`, type: 'http in', z: 'tab', url: `/${id}`, method: 'post', wires: [[target]] },
];
const flows = [
  ...plantFlows,
  ...route('tell', 'bell'),
  {
    id: 'bell',
    type: 'notify',
    z: 'tab',
    channels: 'email, telegram',
    outputs: 3,
    wires: [['stored', 'answer'], ['email'], ['telegram']],
  },
  ...['stored', 'email', 'telegram', 'people-done'].map((id) => ({ id, type: 'test-probe', z: 'tab', wires: [] })),
  { id: 'answer', type: 'http response', z: 'tab', wires: [] },
  ...route('alarm', 'routing'),
  { id: 'routing', type: 'alarm-routing', z: 'tab', wires: [['bell']] },
  ...route('people', 'people-admin'),
  { id: 'people-admin', type: 'user-admin', z: 'tab', wires: [['people-done', 'answer']] },
];

describe('notifications in a running plant', function () {
  this.timeout(60_000);
  let plant: Plant;
  const browsers: Browser[] = [];
  const browserOf = async (login: string, password = `secret of ${login}`) => {
    const browser = new Browser(plant.url);
    browsers.push(browser);
    await browser.logIn(login, password);
    return browser;
  };
  const script = () => new Browser(plant.url);
  const probesUntil = async (done: (probes: readonly Probed[]) => boolean, work: () => Promise<unknown>) => {
    const before = plant.probed.length;
    await work();
    while (!done(plant.probed.slice(before))) await plant.nextProbe();
    return plant.probed.slice(before);
  };
  const message = (title: string, more: object = {}) => ({
    command: 'notify',
    recipients: { roles: ['qc'] },
    title,
    severity: 'alarm',
    link: '/dashboard/batches',
    ...more,
  });

  before(async () => {
    plant = await startPlant({ flows });
    for (const [login, role] of [
      ['wati', 'qc'],
      ['agus', 'supervisor'],
    ] as const) {
      const user = { login, name: login, roles: [role], password: `secret of ${login}` };
      assert.equal((await script().json('POST', '/api/access/users', user, bearer)).status, 201);
    }
  });
  after(async () => {
    for (const browser of browsers) browser.close();
    await plant?.stop();
  });

  it('are stored, pushed to open pages, and handed to each channel', async () => {
    const page = await (await browserOf('wati')).openSocket();
    const pushed = new Promise<UnreadCount>((resolve) => {
      page.socket.on('shopfloor:notifications', (count: UnreadCount) => {
        if (count.unread === 1) resolve(count);
      });
    });
    const probes = await probesUntil(
      (seen) => seen.length === 3,
      () => script().json('POST', '/tell', message('look here', { dedupeKey: 'k1' }), bearer),
    );
    assert.equal((await pushed).latest?.title, 'look here');
    const byProbe = new Map(probes.map((probe) => [probe.probe, probe]));
    const stored = byProbe.get('stored')?.payload as NotifyStored | undefined;
    assert.equal(stored?.stored, true);
    for (const channel of ['email', 'telegram']) {
      const letter = byProbe.get(channel)?.payload as NotifyChannelMessage | undefined;
      assert.deepEqual([letter?.channel, letter?.recipients.map(({ login }) => login)], [channel, ['wati']]);
      assert.equal(byProbe.get(channel)?.topic, `notify/${channel}`);
    }
  });

  it('with a known key are answered so and handed to nobody', async () => {
    const tell = (key: string) =>
      script().json('POST', '/tell', message('again', { dedupeKey: key, recipients: { users: ['agus'] } }), bearer);
    const probes = await probesUntil(
      // The new one afterwards shows that the old key has caused nothing more.
      (seen) => seen.length >= 4,
      async () => {
        await tell('k1');
        await tell('k2');
      },
    );
    const stored = probes
      .filter(({ probe }) => probe === 'stored')
      .map(({ payload }) => (payload as NotifyStored).stored);
    assert.deepEqual(stored, [false, true]);
    assert.equal(probes.filter(({ probe }) => probe === 'email').length, 1);
  });

  it('tell every alarm of the plant to the administrator, whom a new plant has alone, once', async () => {
    const admin = await browserOf('admin', adminPassword);
    const unread = async () =>
      ((await (await admin.fetch('/api/notifications/unread-count')).json()) as { data: UnreadCount }).data.unread;
    const before = await unread();
    const codes = [...batchAlarmCodes, ...taskAlarmCodes];
    for (const code of [...codes, ...codes]) {
      const alarm = { code, active: true, line: 'line 1', since: '2026-01-05T00:00:00.000Z', message: 'Look.' };
      assert.equal((await script().json('POST', '/alarm', alarm, bearer)).status, 200);
    }
    assert.equal((await unread()) - before, codes.length);
  });

  it('are read over the routes, by each person on their own', async () => {
    await script().json('POST', '/tell', message('for both', { recipients: { users: ['wati', 'agus'] } }), bearer);
    const wati = await browserOf('wati');
    const list = (await (await wati.fetch('/api/notifications?limit=10&unread=true')).json()) as {
      data: { id: number; title: string }[];
      total: number;
      unread: number;
    };
    assert.equal(list.total, list.unread);
    const number = list.data.find(({ title }) => title === 'for both')?.id;
    assert.equal((await wati.json('PUT', `/api/notifications/${number}/read`)).status, 200);
    const count = async (browser: Browser) =>
      ((await (await browser.fetch('/api/notifications/unread-count')).json()) as { data: UnreadCount }).data.unread;
    assert.equal(await count(wati), list.unread - 1);
    assert.equal((await wati.json('PUT', '/api/notifications/mark-all-read')).status, 200);
    assert.equal(await count(wati), 0);
    assert.ok((await count(await browserOf('agus'))) > 0);
    assert.equal((await wati.json('PUT', '/api/notifications/999999/read')).status, 404);
    assert.equal((await wati.json('PUT', '/api/notifications/x/read')).status, 400);
    assert.equal((await wati.fetch('/api/notifications?limit=0')).status, 400);
  });

  it('are sent by those who may, with every fault named', async () => {
    assert.equal((await (await browserOf('wati')).json('POST', '/tell', message('x'))).status, 403);
    assert.equal((await (await browserOf('agus')).json('POST', '/tell', message('x'))).status, 200);
    const reply = await script().json('POST', '/tell', { command: 'notify' }, bearer);
    assert.equal(reply.status, 400);
    assert.deepEqual(
      ((await reply.json()) as { error: { fields: { field: string }[] } }).error.fields.map(({ field }) => field),
      ['title', 'recipients'],
    );
  });

  it('users are administered by the node with the same rules as the routes', async () => {
    const create = { command: 'create', login: 'dewi', name: 'Dewi', roles: ['warehouse'] };
    assert.equal((await (await browserOf('agus')).json('POST', '/people', create)).status, 403);
    const reply = await (await browserOf('admin', adminPassword)).json('POST', '/people', create);
    assert.equal(reply.status, 200);
    const { data, oneTimePassword } = (await reply.json()) as { data: { login: string }; oneTimePassword: string };
    assert.equal(data.login, 'dewi');
    assert.match(oneTimePassword, /^\w{4}-/);
    const unknown = await script().json('POST', '/people', { command: 'promote' }, bearer);
    assert.equal(unknown.status, 400);
    const audit = (await (
      await script().json('POST', '/people', { command: 'audit', search: 'dewi' }, bearer)
    ).json()) as {
      data: { actor: string; type: string }[];
    };
    assert.deepEqual(
      audit.data.map(({ actor, type }) => [actor, type]),
      [['admin', 'user-created']],
    );
  });
});

describe('a plant that stopped between storing and handing over', function () {
  this.timeout(60_000);

  it('hands over when it runs again, once', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'shopfloor-handover-'));
    try {
      const first = await startPlant({ flows, directory });
      await script(first.url);
      const { notification } = await tellOnce(first);
      await first.stop();
      await unhand(directory, notification);

      const second = await startPlant({ flows, directory });
      while (!second.probed.some(({ probe }) => probe === 'email')) await second.nextProbe();
      const letter = second.probed.find(({ probe }) => probe === 'email')?.payload as NotifyChannelMessage | undefined;
      assert.equal(letter?.notification.id, notification);
      assert.equal(second.probed.filter(({ probe }) => probe === 'telegram').length, 0);
      await second.stop();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  async function script(url: string): Promise<void> {
    const user = { login: 'wati', name: 'Wati', roles: ['qc'], password: 'secret of wati' };
    assert.equal((await new Browser(url).json('POST', '/api/access/users', user, bearer)).status, 201);
  }

  async function tellOnce(plant: Plant): Promise<{ notification: number }> {
    const command = { command: 'notify', recipients: { users: ['wati'] }, title: 'before the crash' };
    await new Browser(plant.url).json('POST', '/tell', command, bearer);
    while (plant.probed.length < 3) await plant.nextProbe();
    const stored = plant.probed.find(({ probe }) => probe === 'stored')?.payload as NotifyStored;
    return { notification: stored.notification.id };
  }

  /** Puts the store back to the instant between the commit and the hand-over to `email`. */
  async function unhand(directory: string, notification: number): Promise<void> {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(directory, 'plant.sqlite'));
    database
      .prepare("update notification_channel set handed_at = null where channel = 'email' and notification_id = ?")
      .run(notification);
    database.close();
  }
});
