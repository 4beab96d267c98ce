import assert from 'node:assert/strict';
import { installAccess } from '../../nodes/access/current-access.ts';
import type { OpenPage } from '../../nodes/access/socket-hub.ts';
import { SocketHub } from '../../nodes/access/socket-hub.ts';
import { WebAccess } from '../../nodes/access/web-access.ts';
import { ShopfloorError } from '../../nodes/core/errors.ts';
import type { NotifyCommand, UnreadCount } from '../../nodes/notify/messages.ts';
import type { Notifications } from '../../nodes/notify/notifications.ts';
import { NotifyRoom } from '../../nodes/notify/notify-room.ts';
import { onEachEngine, system } from '../access/support/engines.ts';

const day = 24 * 60 * 60 * 1000;
const text = (recipients: NotifyCommand['recipients'], more: Partial<NotifyCommand> = {}): NotifyCommand => ({
  command: 'notify',
  recipients,
  title: 'WH/MO/00012 waits',
  severity: 'warning',
  ...more,
});

onEachEngine('notifications', (world) => {
  let room: NotifyRoom;
  let hub: SocketHub;
  let notifications: Notifications;
  /** Mapped by login. */
  let ids: ReadonlyMap<string, string>;

  beforeEach(async () => {
    const { access, addUser } = world();
    await addUser('siti', { roles: ['operator'], departments: ['sewing'], machines: ['s1'] });
    await addUser('budi', { roles: ['operator'], departments: ['production', 'packing'] });
    await addUser('wati', { roles: ['supervisor', 'qc'] });
    await addUser('agus', { roles: ['qc'] });
    const { users } = await access.ready();
    ids = new Map((await users.list()).map((user) => [user.login, user.id]));
    hub = new SocketHub();
    const web = new WebAccess(access, { trustedProxies: [], origins: [] });
    room = new NotifyRoom({ access, hub, web, dashboardPath: '/dashboard' });
    notifications = await room.notifications();
  });
  afterEach(() => {
    room.stop();
    installAccess(undefined);
  });

  const id = (login: string) => ids.get(login) ?? assert.fail(login);
  const unreadOf = async (login: string) => (await notifications.unread(id(login))).unread;
  const everybody = () => Promise.all(['siti', 'budi', 'wati', 'agus', 'admin'].map(unreadOf));
  const openPage = (login: string) => {
    const pushed: UnreadCount[] = [];
    const page: OpenPage = {
      socketId: login,
      sessionId: login,
      user: { id: id(login), login, name: login, roles: [], departments: [], machines: [], language: 'id' },
      push: (_event, payload) => pushed.push(payload as UnreadCount),
      end: () => {},
    };
    hub.add(page);
    return pushed;
  };

  for (const [who, recipients, expected] of [
    ['a role', { roles: ['qc'] }, [0, 0, 1, 1, 0]],
    ['a department', { departments: ['packing'] }, [0, 1, 0, 0, 0]],
    [
      'a machine-bound role at the named machines',
      { roles: ['operator', 'qc'], machines: ['s1', 's2'] },
      [1, 0, 1, 1, 0],
    ],
    ['everybody of it where no machine is named', { roles: ['operator'], machines: [] }, [1, 1, 0, 0, 0]],
    ['people by login', { users: ['siti', 'admin', 'nobody'] }, [1, 0, 0, 0, 1]],
    [
      'all of these, each person once',
      { roles: ['qc', 'supervisor'], departments: ['sewing', 'production', 'packing'], users: ['wati'] },
      [1, 1, 1, 1, 0],
    ],
  ] as const) {
    it(`reach ${who}`, async () => {
      const { stored } = await room.add(text(recipients), []);
      assert.equal(stored, true);
      assert.deepEqual(await everybody(), expected);
    });
  }

  it('do not reach somebody who is locked', async () => {
    const { users } = await world().access.ready();
    await users.lock(id('agus'), undefined, system);
    await room.add(text({ roles: ['qc'] }), []);
    assert.deepEqual([await unreadOf('wati'), await unreadOf('agus')], [1, 0]);
  });

  it('that ask for somebody reach the administrators where nobody matches', async () => {
    await room.add(text({ roles: ['maintenance'] }), []);
    await room.add(text({ roles: ['maintenance'] }, { severity: 'alarm' }), []);
    assert.equal(await unreadOf('admin'), 2);
    await room.add(text({ roles: ['maintenance'] }, { severity: 'info' }), []);
    await room.add(text({ roles: ['qc'] }), []);
    assert.equal(await unreadOf('admin'), 2);
  });

  it('are read by each person on their own, and stay read', async () => {
    const { notification } = await room.add(text({ roles: ['qc'] }), []);
    const read = await notifications.markRead(id('wati'), notification.id);
    world().clock.advance(1000);
    const again = await notifications.markRead(id('wati'), notification.id);
    assert.equal(again.readAt, read.readAt);
    assert.deepEqual([await unreadOf('wati'), await unreadOf('agus')], [0, 1]);
  });

  it("are nobody else's to read or to mark", async () => {
    const { notification } = await room.add(text({ users: ['wati'] }), []);
    await assert.rejects(
      notifications.markRead(id('agus'), notification.id),
      (error: unknown) => error instanceof ShopfloorError && error.httpStatus === 404,
    );
    assert.deepEqual((await notifications.list(id('agus'), { limit: 10, offset: 0, unread: false })).rows, []);
    assert.equal(await unreadOf('wati'), 1);
  });

  it('are listed newest first, in pages, with the true total', async () => {
    for (const title of ['one', 'two', 'three']) await room.add(text({ users: ['wati'] }, { title }), []);
    const page = await notifications.list(id('wati'), { limit: 2, offset: 1, unread: false });
    assert.deepEqual([page.total, page.rows.map((row) => row.title)], [3, ['two', 'one']]);
    assert.equal(await notifications.markAllRead(id('wati')), 3);
    assert.equal((await notifications.list(id('wati'), { limit: 2, offset: 0, unread: true })).total, 0);
  });

  it('happen once for a dedupe key, however many ask at once', async () => {
    const command = text({ roles: ['qc'] }, { dedupeKey: 'deviation 12' });
    const results = await Promise.all(Array.from({ length: 5 }, () => room.add(command, ['email'])));
    assert.equal(results.filter((result) => result.stored).length, 1);
    assert.equal(new Set(results.map((result) => result.notification.id)).size, 1);
    assert.equal(await unreadOf('agus'), 1);
    assert.equal((await notifications.waiting(['email'])).length, 1);
    assert.equal((await room.add(text({ roles: ['qc'] }), [])).stored, true, 'without a key each is new');
  });

  it('are handed to each channel once, also after a crash between commit and hand-over', async () => {
    await room.add(text({ users: ['siti', 'agus'] }), ['email', 'telegram']);
    const [letter] = await notifications.waiting(['email']);
    assert.deepEqual(letter?.recipients, [
      { login: 'agus', name: 'agus', language: 'id' },
      { login: 'siti', name: 'siti', language: 'id' },
    ]);
    const number = letter?.notification.id ?? 0;
    const hands = await Promise.all([notifications.hand(number, 'email'), notifications.hand(number, 'email')]);
    assert.equal(hands.filter((taken) => taken).length, 1);
    assert.deepEqual(
      (await notifications.waiting(['email', 'telegram'])).map(({ channel }) => channel),
      ['telegram'],
    );
    assert.deepEqual(await notifications.waiting([]), []);
  });

  it('count as read after seven days and not a moment before, and open pages hear of it', async () => {
    await room.add(text({ users: ['wati'] }), []);
    const pushed = openPage('wati');
    world().clock.advance(7 * day - 1);
    assert.equal(await room.readOld(), 0);
    world().clock.advance(1);
    assert.equal(await room.readOld(), 1);
    assert.equal(pushed.at(-1)?.unread, 0);
    const { rows } = await notifications.list(id('wati'), { limit: 1, offset: 0, unread: false });
    assert.equal(rows[0]?.readAt, world().clock.now().toISOString());
  });

  it('are read by themselves on the clock, without anybody asking', async () => {
    await room.add(text({ users: ['wati'] }), []);
    const pushed = openPage('wati');
    world().clock.advance(8 * day);
    const read = new Promise<void>((resolve, reject) => {
      pushed.push = (...counts) => {
        if (counts.some((count) => count.unread === 0)) resolve();
        return 0;
      };
      room.start(reject);
    });
    world().clock.advance(0);
    await read;
    assert.equal(await unreadOf('wati'), 0);
  });

  it('are pushed to the open pages of those they are for, with the newest of them', async () => {
    const [wati, agus, siti] = [openPage('wati'), openPage('agus'), openPage('siti')];
    await room.add(text({ roles: ['qc'] }, { title: 'first' }), []);
    await room.add(text({ users: ['wati'] }, { title: 'second' }), []);
    assert.deepEqual(
      wati.map(({ unread, latest }) => [unread, latest?.title]),
      [
        [1, 'first'],
        [2, 'second'],
      ],
    );
    assert.deepEqual(
      agus.map(({ unread }) => unread),
      [1],
    );
    assert.deepEqual(siti, []);
  });
});
