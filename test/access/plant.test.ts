// Every role against every page, route, socket event and command of a real Node-RED with the real dashboard.
import assert from 'node:assert/strict';
import type { Role } from '../../nodes/access/messages.ts';
import { Browser, type OpenSocket } from './support/browser.ts';
import { adminPassword, apiToken, type Plant, startPlant } from './support/plant.ts';
import { plantFlows, plantPages } from './support/plant-flows.ts';

const bearer = { authorization: `Bearer ${apiToken}` };

interface Row {
  readonly login: string;
  readonly roles: readonly Role[];
  readonly departments?: readonly string[];
  /** Pages of the plant that it sees. */
  readonly pages: readonly string[];
  /** Whether it may press a button of a plant's own page. */
  readonly acts: boolean;
  readonly retries: boolean;
  readonly administers: boolean;
  readonly readsUsers: boolean;
}

const row = (login: string, roles: readonly Role[], pages: readonly string[], more: Partial<Row> = {}): Row => ({
  login,
  roles,
  pages,
  acts: true,
  retries: false,
  administers: false,
  readsUsers: false,
  ...more,
});

/** The plant declares its page `stage` for supervisors; `nowhere` is declared by nobody. */
const table: readonly Row[] = [
  row('an-admin', ['admin'], ['batches', 'users'], { retries: true, administers: true, readsUsers: true }),
  row('a-supervisor', ['supervisor'], ['batches', 'stage'], { retries: true }),
  row('a-producer', ['operator'], ['batches'], { departments: ['production'] }),
  row('a-cutter', ['operator'], [], { departments: ['cutting'] }),
  row('a-sewer', ['operator'], [], { departments: ['sewing'] }),
  row('a-finisher', ['operator'], [], { departments: ['finishing'] }),
  row('a-packer', ['operator'], [], { departments: ['packing'] }),
  row('a-plate-maker', ['ctp'], []),
  row('a-checker', ['qc'], ['batches']),
  row('a-chief-checker', ['qc-supervisor'], ['batches']),
  row('a-storeman', ['warehouse'], ['batches']),
  row('a-fitter', ['maintenance'], []),
  row('a-manager', ['manager'], ['batches', 'users', 'stage'], { acts: false, readsUsers: true }),
  row('a-screen', ['display'], ['batches'], { acts: false }),
];

describe('access in a running plant', function () {
  this.timeout(60_000);
  let plant: Plant;
  const browsers: Browser[] = [];

  before(async () => {
    plant = await startPlant({ flows: plantFlows, access: "{ pages: { stage: ['supervisor'] } }" });
    for (const { login, roles, departments = [] } of table) {
      const user = { login, name: login, roles, departments, password: `secret of ${login}` };
      const reply = await fetch(`${plant.url}/api/access/users`, {
        method: 'POST',
        headers: { ...bearer, 'content-type': 'application/json' },
        body: JSON.stringify(user),
      });
      assert.equal(reply.status, 201, await reply.text());
    }
  });
  after(async () => {
    for (const browser of browsers) browser.close();
    await plant?.stop();
  });

  const stranger = () => {
    const browser = new Browser(plant.url);
    browsers.push(browser);
    return browser;
  };
  const loggedIn = async (login: string) => {
    const browser = stranger();
    await browser.logIn(login, login === 'admin' ? adminPassword : `secret of ${login}`);
    return browser;
  };
  const idOf = async (login: string) => {
    const reply = await fetch(`${plant.url}/api/access/users`, { headers: bearer });
    const { data } = (await reply.json()) as { data: { login: string; id: string; version: number }[] };
    const user = data.find((candidate) => candidate.login === login);
    assert.ok(user);
    return user;
  };
  const administer = async (method: string, path: string, body: object = {}) => {
    const reply = await stranger().json(method, path, body, bearer);
    assert.ok(reply.ok, `${path}: ${reply.status} ${await reply.clone().text()}`);
    return (await reply.json()) as { data: { version: number }; oneTimePassword?: string; token?: string };
  };
  /** The server has dealt with everything that was sent before: it answers in order. */
  const answered = async (page: OpenSocket) => {
    const count = () => page.received.filter(({ event }) => event === 'shopfloor:notifications').length;
    // One comes by itself when a page opens.
    if (count() === 0) await page.next('shopfloor:notifications');
    const answer = page.next('shopfloor:notifications');
    page.socket.emit('shopfloor:ask-notifications');
    await answer;
  };
  /** What probes received from `work`: it is over when a page event that was sent twice afterwards has come twice. */
  const probesOf = async (page: OpenSocket, work: () => void) => {
    const before = plant.probed.length;
    work();
    for (let times = 1; times <= 2; times += 1) {
      page.socket.emit('ui-event', 'all', { topic: '$pageview' });
      const marks = () => plant.probed.slice(before).filter(({ probe }) => probe === 'probe-events').length;
      while (marks() < times) await plant.nextProbe();
      await answered(page);
    }
    return plant.probed.slice(before).filter(({ probe }) => probe !== 'probe-events');
  };

  for (const { login, roles, departments = [], pages, acts, retries, administers, readsUsers } of table) {
    describe(`${[...roles, ...departments].join(' of ')}`, () => {
      let browser: Browser;
      before(async () => {
        browser = await loggedIn(login);
      });

      for (const page of plantPages) {
        const status = pages.includes(page) ? 200 : page === 'nowhere' ? 404 : 403;
        it(`is answered ${status} for the page ${page}`, async () => {
          assert.equal((await browser.look(`/dashboard/${page}`)).status, status);
          // Dashboard 2.0 takes the slash off an address that it serves.
          const slashed = await browser.look(`/dashboard/${page}/`);
          assert.equal(slashed.status, status === 200 ? 301 : status);
        });
      }

      it('gets the setup of its own user', async () => {
        const setup = (await (await browser.fetch('/dashboard/_setup')).json()) as {
          shopfloor: { user: { login: string }; pages: string[] };
        };
        assert.equal(setup.shopfloor.user.login, login);
        // The policy knows pages that this plant's flows don't have.
        const here = setup.shopfloor.pages.filter((page) => plantPages.some((known) => known === page));
        assert.deepEqual(here.sort(), [...pages].sort());
      });

      it('finds in its menu, and hears of, its own pages only', async () => {
        const page = await browser.openSocket();
        assert.deepEqual(
          Object.values(page.config.pages)
            .map(({ path }) => path.slice(1))
            .sort(),
          [...pages].sort(),
        );
        const heard = page.received.length;
        // The feed reaches the widgets of all pages; a count that is answered afterwards shows that their answers have passed.
        const fed = await stranger().json('POST', '/feed', { live: 'data' }, bearer);
        assert.equal(fed.status, 204);
        for (const id of plantPages) page.socket.emit('widget-load', `text-${id}`);
        await answered(page);
        await answered(page);
        const widgets = page.received
          .slice(heard)
          .flatMap(({ event }) =>
            /^(msg-input|widget-load):text-/.test(event) ? [event.replace(/^.*:text-/, '')] : [],
          );
        assert.deepEqual([...new Set(widgets)].sort(), [...pages].sort());
        page.close();
      });

      it(`${acts ? 'presses' : "can't press"} a button of a page that it sees, and never one of another`, async () => {
        const page = await browser.openSocket();
        const probes = await probesOf(page, () => {
          for (const id of plantPages) {
            for (const event of ['widget-action', 'widget-change', 'widget-send']) {
              page.socket.emit(event, `button-${id}`, { payload: 'press' });
            }
          }
        });
        const pressed = new Set(probes.map(({ probe }) => probe));
        assert.deepEqual([...pressed].sort(), (acts ? pages : []).map((id) => `probe-${id}`).sort());
        assert.ok(probes.every(({ client }) => client?.user?.login === login));
        page.close();
      });

      it(`${retries ? 'gives' : "can't give"} a command that needs batch.retry, and no unknown one`, async () => {
        const page = await browser.openSocket();
        const probes = await probesOf(page, () => {
          for (const id of plantPages) {
            page.socket.emit('widget-action', `widget-${id}`, { payload: { command: 'retry' } });
            page.socket.emit('widget-action', `widget-${id}`, { payload: { command: 'unheard-of' } });
            page.socket.emit('widget-action', `widget-${id}`, { payload: 'no command' });
            page.socket.emit('test-event', `widget-${id}`);
          }
        });
        const commands = probes.filter(({ probe }) => probe.startsWith('command-'));
        assert.deepEqual(
          commands.map(({ probe, payload }) => `${probe} ${JSON.stringify(payload)}`).sort(),
          (retries ? pages : []).map((id) => `command-${id} {"command":"retry"}`).sort(),
        );
        // The command node asked the policy again and found the same person.
        assert.ok(commands.every((probe) => 'actor' in probe && probe.actor === login));
        page.close();
      });

      it(`${administers ? 'administers' : "can't administer"} users, ${readsUsers ? 'reads' : "can't read"} them`, async () => {
        const read = readsUsers ? 200 : 403;
        for (const path of ['/api/access/users', '/api/access/audit', '/api/access/tokens']) {
          assert.equal((await browser.fetch(path)).status, read, path);
        }
        const write = administers ? [200, 201, 400, 404] : [403];
        const { id } = await idOf('a-packer');
        for (const [method, path] of [
          ['POST', '/api/access/users'],
          ['PATCH', `/api/access/users/${id}`],
          ['POST', '/api/access/users/nobody/lock'],
          ['POST', `/api/access/users/${id}/unlock`],
          ['POST', '/api/access/users/nobody/reset-password'],
          ['PUT', `/api/access/users/${id}/pin`],
          ['PUT', `/api/access/users/${id}/badge`],
          ['POST', '/api/access/users/nobody/end-sessions'],
          ['POST', '/api/access/tokens'],
          ['DELETE', '/api/access/tokens/none'],
        ] as const) {
          const reply = await browser.json(method, path);
          assert.ok(write.includes(reply.status), `${method} ${path}: ${reply.status}`);
        }
      });

      it(`reads its own account and notifications, and ${roles.includes('display') ? "can't" : 'can'} change its own`, async () => {
        assert.equal((await browser.fetch('/api/access/me')).status, 200);
        assert.equal((await browser.fetch('/api/notifications')).status, 200);
        assert.equal((await browser.fetch('/api/notifications/unread-count')).status, 200);
        const own = roles.includes('display') ? 403 : 200;
        assert.equal((await browser.json('PUT', '/api/notifications/mark-all-read')).status, own);
        assert.equal((await browser.json('PUT', '/api/access/me', { language: 'id' })).status, own);
      });

      it(`reads routes of the flows, ${acts ? 'may send to them' : "can't send to them"}, and passes a closed door ${retries ? 'with' : 'never without'} its action`, async () => {
        const [seen] = await Promise.all([plant.nextProbe(), browser.fetch('/whoami')]);
        assert.equal((seen.user as { login: string }).login, login);
        assert.equal((await browser.json('POST', '/act')).status, acts ? 204 : 403);
        assert.equal((await browser.fetch('/closed')).status, retries ? 204 : 403);
      });

      it(`${administers ? 'uses' : "can't use"} the editor`, async () => {
        const form = { client_id: 'node-red-editor', grant_type: 'password', scope: '*', username: login };
        const body = new URLSearchParams({ ...form, password: `secret of ${login}` });
        const reply = await stranger().fetch('/auth/token', { method: 'POST', body });
        assert.equal(reply.status, administers ? 200 : 403);
      });

      it(`${administers ? 'may' : "can't"} look into the dashboard's debug routes`, async () => {
        const reply = await browser.fetch('/dashboard/_debug/datastore/text-batches');
        assert.equal(reply.status, administers ? 200 : 403);
      });
    });
  }

  describe('somebody without a session', () => {
    for (const path of [
      '/dashboard/_setup',
      '/dashboard/_debug/datastore/text-users',
      '/dashboard/assets/x.js',
      '/whoami',
      '/closed',
      '/api/access/me',
      '/api/access/users',
      '/api/notifications',
      '/flows',
    ]) {
      it(`gets nothing from ${path}`, async () => {
        assert.equal((await stranger().fetch(path)).status, 401);
      });
    }

    for (const path of ['/act', '/feed', '/api/access/users', '/api/access/switch', '/api/access/password']) {
      it(`can't send to ${path}`, async () => {
        assert.equal((await stranger().json('POST', path)).status, 401);
      });
    }

    it('is led from a page to the login and back', async () => {
      const browser = stranger();
      const reply = await browser.look('/dashboard/batches?line=1');
      assert.equal(reply.status, 303);
      const location = reply.headers.get('location') ?? '';
      assert.equal(location, '/login?next=%2Fdashboard%2Fbatches%3Fline%3D1');
      const login = await browser.submit(location, { login: 'a-checker', password: 'secret of a-checker' });
      assert.equal(login.headers.get('location'), '/dashboard/batches?line=1');
    });

    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      it(`is never led to ${next} by the login`, async () => {
        const browser = stranger();
        const reply = await browser.submit(`/login?next=${encodeURIComponent(next)}`, {
          login: 'a-checker',
          password: 'secret of a-checker',
        });
        assert.equal(reply.headers.get('location'), '/dashboard');
      });
    }

    it('gets no socket', async () => {
      await assert.rejects(stranger().openSocket(), /^Error: unauthorized$/);
      const liar = stranger();
      liar.setCookie('shopfloor_session', 'made-up');
      await assert.rejects(liar.openSocket(), /unauthorized/);
    });

    it('gets no socket by telling who it is in the handshake', async () => {
      const browser = stranger();
      await assert.rejects(browser.openSocket({ authorization: 'Bearer x', 'x-user': 'admin' }), /unauthorized/);
    });

    it('is not let in by a loopback address any more', async () => {
      assert.equal((await fetch(`${plant.url}/act`, { method: 'POST' })).status, 401);
    });
  });

  describe('identity', () => {
    it("in a message is the session's, whatever the browser writes into it", async () => {
      const browser = await loggedIn('a-checker');
      const page = await browser.openSocket();
      const forged = { user: { login: 'admin', roles: ['admin'] }, proof: 'x.y', socketId: 'z' };
      for (const event of ['widget-action', 'widget-send', 'widget-change']) {
        const probeComing = plant.nextProbe();
        page.socket.emit(event, 'button-batches', { payload: 'press', _client: forged, req: { user: 'admin' } });
        const probe = await probeComing;
        assert.equal(probe.client?.user?.login, 'a-checker', event);
        assert.deepEqual(probe.client?.user?.roles, ['qc']);
        assert.notEqual(probe.client?.proof, 'x.y');
      }
      page.close();
    });

    it("is not taken from somebody else's proof", async () => {
      const admin = await (await loggedIn('an-admin')).openSocket();
      const checker = await (await loggedIn('a-checker')).openSocket();
      const stolenComing = plant.nextProbe();
      admin.socket.emit('widget-action', 'button-batches', { payload: 'press' });
      const stolen = await stolenComing;
      const probeComing = plant.nextProbe();
      checker.socket.emit('widget-action', 'button-batches', { payload: 'press', _client: stolen.client });
      const probe = await probeComing;
      assert.equal(probe.client?.user?.login, 'a-checker');
    });

    it('does not go out to other pages with what somebody sent', async () => {
      const [one, two] = [
        await (await loggedIn('an-admin')).openSocket(),
        await (await loggedIn('a-supervisor')).openSocket(),
      ];
      await stranger().json('POST', '/feed', { x: 1, _client: 'x' }, bearer);
      one.socket.emit('widget-load', 'text-batches');
      const [message] = await one.next('widget-load:text-batches');
      assert.ok(message && !('_client' in (message as object)));
      assert.ok(!JSON.stringify(two.received).includes('"proof"'));
    });

    it("of a request is the session's, whatever its body or headers say", async () => {
      const browser = await loggedIn('a-checker');
      const [probe] = await Promise.all([
        plant.nextProbe(),
        browser.json('POST', '/act', { user: { login: 'admin' }, actor: 'admin' }, { 'x-user': 'admin' }),
      ]);
      assert.equal((probe.user as { login: string }).login, 'a-checker');
      assert.equal((probe as { refused?: string }).refused, 'forbidden');
    });
  });

  describe('a page of another origin', () => {
    it('gets no socket with the cookie of ours', async () => {
      const browser = await loggedIn('an-admin');
      for (const origin of ['http://evil.example', 'null', plant.url.replace('127.0.0.1', 'localhost')]) {
        await assert.rejects(browser.openSocket({ origin }), /foreign-origin/);
      }
    });

    for (const [method, path] of [
      ['POST', '/act'],
      ['POST', '/api/access/users'],
      ['PUT', '/api/access/me'],
      ['POST', '/api/access/switch-back'],
      ['POST', '/logout'],
    ] as const) {
      it(`can't send ${method} ${path}, nor can one that hides its origin`, async () => {
        const browser = await loggedIn('an-admin');
        assert.equal((await browser.json(method, path, {}, { origin: 'http://evil.example' })).status, 403);
        const hidden = await fetch(`${plant.url}${path}`, { method, headers: { cookie: browser.cookie } });
        assert.equal(hidden.status, 403);
        assert.equal((await browser.fetch('/api/access/me')).status, 200, 'still logged in');
      });
    }

    it("can't log a browser in as somebody else, nor out, with a form of its own", async () => {
      const browser = stranger();
      const body = new URLSearchParams({ login: 'a-checker', password: 'secret of a-checker' });
      const reply = await browser.fetch('/login', { method: 'POST', body, headers: { origin: 'http://evil.example' } });
      assert.equal(reply.status, 403);
      const withoutToken = await browser.fetch('/login', { method: 'POST', body });
      assert.equal(withoutToken.status, 403);
      const victim = await loggedIn('an-admin');
      const logOut = await victim.fetch('/logout', { method: 'POST', body: new URLSearchParams({ csrf: 'x' }) });
      assert.equal(logOut.status, 403);
    });
  });

  describe('a session', () => {
    it('of a planted cookie is not continued by the login', async () => {
      const browser = stranger();
      browser.setCookie('shopfloor_session', 'planted-by-somebody');
      await browser.logIn('a-checker', 'secret of a-checker');
      assert.notEqual(browser.cookieValue('shopfloor_session'), 'planted-by-somebody');
      const attacker = stranger();
      attacker.setCookie('shopfloor_session', 'planted-by-somebody');
      assert.equal((await attacker.fetch('/api/access/me')).status, 401);
    });

    it('is over for its cookie and its pages once it is logged out', async () => {
      const browser = await loggedIn('a-checker');
      const page = await browser.openSocket();
      const stolen = stranger();
      stolen.setCookie('shopfloor_session', browser.cookieValue('shopfloor_session') ?? '');
      assert.equal((await stolen.fetch('/api/access/me')).status, 200);
      const ended = Promise.all([page.next('shopfloor:session-ended'), page.next('disconnect')]);
      const reply = await browser.json('POST', '/logout');
      assert.equal(reply.status, 200);
      assert.equal(browser.cookieValue('shopfloor_session'), undefined);
      assert.deepEqual((await ended)[0], [{ reason: 'logged-out' }]);
      assert.equal((await stolen.fetch('/api/access/me')).status, 401);
      assert.equal((await stolen.json('POST', '/act')).status, 401);
      await assert.rejects(stolen.openSocket(), /unauthorized/);
    });

    it('has a cookie that scripts and other sites do not get', async () => {
      const browser = stranger();
      const reply = await browser.logIn('a-checker', 'secret of a-checker');
      const [cookie = ''] = reply.headers.getSetCookie().filter((line) => line.startsWith('shopfloor_session='));
      assert.match(cookie, /; HttpOnly/);
      assert.match(cookie, /; SameSite=Lax/);
      assert.match(cookie, /; Path=\//);
      assert.doesNotMatch(cookie, /Max-Age|Expires/);
    });

    it('ends with its pages when roles change, both of two people at once', async () => {
      const people = ['a-storeman', 'a-chief-checker'];
      const pages = [];
      for (const login of people) {
        const browser = await loggedIn(login);
        pages.push({ login, browser, page: await browser.openSocket() });
      }
      const ends = pages.map(({ page }) =>
        Promise.all([page.next('shopfloor:session-ended'), page.next('disconnect')]),
      );
      await Promise.all(
        people.map(async (login) => {
          const { id, version } = await idOf(login);
          await administer('PATCH', `/api/access/users/${id}`, { version, roles: ['ctp'] });
        }),
      );
      for (const end of ends) assert.deepEqual((await end)[0], [{ reason: 'changed' }]);
      for (const { login, browser } of pages) {
        assert.equal((await browser.fetch('/api/access/me')).status, 401);
        const again = await loggedIn(login);
        assert.equal((await again.look('/dashboard/batches')).status, 403);
      }
    });

    it('ends with its pages by a lock, and does not begin again', async () => {
      const browser = await loggedIn('a-fitter');
      const page = await browser.openSocket();
      const ended = page.next('shopfloor:session-ended');
      const { id } = await idOf('a-fitter');
      await administer('POST', `/api/access/users/${id}/lock`, { reason: 'left' });
      assert.deepEqual(await ended, [{ reason: 'locked' }]);
      const reply = await stranger().submit('/login', { login: 'a-fitter', password: 'secret of a-fitter' });
      assert.equal(reply.status, 401);
      assert.match(await reply.text(), /dikunci/);
    });
  });

  describe('a one-time password', () => {
    it('opens nothing but the page that changes it', async () => {
      const { id } = await idOf('a-sewer');
      const { oneTimePassword = '' } = await administer('POST', `/api/access/users/${id}/reset-password`);
      const browser = stranger();
      const login = await browser.logIn('a-sewer', oneTimePassword);
      assert.equal(login.headers.get('location'), '/password');
      assert.equal((await browser.look('/dashboard')).headers.get('location'), '/password');
      assert.equal((await browser.fetch('/whoami')).status, 403);
      await assert.rejects(browser.openSocket(), /unauthorized/);

      const weak = await browser.submit('/password', { current: oneTimePassword, next: 'short', repeat: 'short' });
      assert.equal(weak.status, 400);
      const differ = await browser.submit('/password', {
        current: oneTimePassword,
        next: 'my own secret',
        repeat: 'my own',
      });
      assert.equal(differ.status, 400);
      const changed = await browser.submit('/password', {
        current: oneTimePassword,
        next: 'my own secret',
        repeat: 'my own secret',
      });
      assert.equal(changed.status, 303);
      assert.equal((await browser.fetch('/whoami')).status, 204);
    });
  });

  describe('a shared tablet', () => {
    it('changes hands by badge and PIN, and its pages with it', async () => {
      const { id } = await idOf('a-supervisor');
      await administer('PUT', `/api/access/users/${id}/badge`, { badge: 'B-0001' });
      await administer('PUT', `/api/access/users/${id}/pin`, { pin: '471108' });
      const browser = stranger();
      await browser.logIn('a-screen', 'secret of a-screen', { shared: 'yes' });
      const page = await browser.openSocket();
      const ended = page.next('shopfloor:session-ended');
      const asTablet = browser.cookieValue('shopfloor_session');

      const reply = await browser.json('POST', '/api/access/switch', { badge: 'B-0001' });
      const { data } = (await reply.json()) as { data: { user: { login: string }; sharedDevice: object } };
      assert.equal(data.user.login, 'a-supervisor');
      assert.deepEqual(data.sharedDevice, { account: 'a-screen', personActive: true });
      assert.deepEqual(await ended, [{ reason: 'changed' }]);
      assert.notEqual(browser.cookieValue('shopfloor_session'), asTablet);
      assert.equal((await browser.fetch('/closed')).status, 204);

      await browser.json('POST', '/api/access/switch-back');
      assert.equal((await browser.fetch('/closed')).status, 403);
      assert.equal(
        (await browser.json('POST', '/api/access/switch', { login: 'a-supervisor', pin: '0000' })).status,
        401,
      );
      assert.equal(
        (await browser.json('POST', '/api/access/switch', { login: 'a-supervisor', pin: '471108' })).status,
        200,
      );
      assert.equal((await browser.fetch('/closed')).status, 204);
    });

    it('is not what an ordinary session becomes by a badge', async () => {
      const browser = await loggedIn('a-checker');
      assert.equal((await browser.json('POST', '/api/access/switch', { badge: 'B-0001' })).status, 403);
    });
  });

  describe('a guesser', () => {
    it('has to wait after five wrong passwords of one account', async () => {
      const browser = stranger();
      const statuses = [];
      for (let tries = 0; tries < 6; tries += 1) {
        statuses.push((await browser.submit('/login', { login: 'a-packer', password: `guess ${tries}` })).status);
      }
      assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
      assert.equal((await browser.submit('/login', { login: 'a-packer', password: 'secret of a-packer' })).status, 429);
    });

    it('has to wait at the editor too', async () => {
      const login = async (password: string) => {
        const form = {
          client_id: 'node-red-editor',
          grant_type: 'password',
          scope: '*',
          username: 'a-cutter',
          password,
        };
        return (await stranger().fetch('/auth/token', { method: 'POST', body: new URLSearchParams(form) })).status;
      };
      // Node-RED itself allows five tries in ten minutes, of which the table above has used one.
      for (let tries = 0; tries < 4; tries += 1) assert.equal(await login(`guess ${tries}`), 403);
      assert.equal((await stranger().submit('/login', { login: 'a-cutter', password: 'a fifth guess' })).status, 401);
      const page = await stranger().submit('/login', { login: 'a-cutter', password: 'secret of a-cutter' });
      assert.equal(page.status, 429);
    });
  });

  describe('an API token', () => {
    it('may do what it is scoped to, in its own name, until it is revoked', async () => {
      const { token = '', data } = await administer('POST', '/api/access/tokens', {
        name: 'scale',
        scopes: ['batch.retry'],
      });
      const headers = { authorization: `Bearer ${token}` };
      const call = async (path: string) => (await fetch(`${plant.url}${path}`, { headers })).status;
      const [probe] = await Promise.all([plant.nextProbe(), call('/whoami')]);
      assert.equal((probe as { actor?: string }).actor, 'token scale');
      assert.deepEqual([await call('/closed'), await call('/api/access/users'), await call('/flows')], [204, 403, 401]);
      await administer('DELETE', `/api/access/tokens/${(data as unknown as { id: string }).id}`);
      assert.equal(await call('/closed'), 401);
    });

    it('is no session: it has no notifications and opens no dashboard', async () => {
      assert.equal((await fetch(`${plant.url}/api/notifications`, { headers: bearer })).status, 401);
      assert.equal((await fetch(`${plant.url}/dashboard/_setup`, { headers: bearer })).status, 401);
    });

    it('that is wrong is refused, whatever cookie comes along', async () => {
      const browser = await loggedIn('an-admin');
      assert.equal((await browser.fetch('/whoami', { headers: { authorization: 'Bearer wrong' } })).status, 401);
    });

    it("of the environment may use the editor's API", async () => {
      assert.equal((await fetch(`${plant.url}/flows`, { headers: bearer })).status, 200);
    });
  });

  describe('answers', () => {
    it('carry security headers, and pages a policy that evaluates nothing', async () => {
      const browser = await loggedIn('an-admin');
      for (const path of ['/dashboard/batches', '/login', '/api/access/me', '/whoami', '/']) {
        const { headers } = await browser.look(path);
        assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
        assert.equal(headers.get('x-frame-options'), 'SAMEORIGIN', path);
      }
      const policy = (await browser.look('/dashboard/batches')).headers.get('content-security-policy') ?? '';
      assert.match(policy, /script-src 'self';/);
      assert.doesNotMatch(policy, /unsafe-eval|https?:|\*/);
      const login = (await stranger().look('/login')).headers.get('content-security-policy') ?? '';
      assert.match(login, /default-src 'none'/);
      assert.doesNotMatch(login, /unsafe|script-src/);
    });

    it('to malformed requests are envelopes, with the fault named', async () => {
      const browser = await loggedIn('an-admin');
      for (const path of ['/act', '/api/access/users']) {
        const reply = await browser.fetch(path, {
          method: 'POST',
          body: '{"a":',
          headers: { 'content-type': 'application/json' },
        });
        assert.equal(reply.status, 400, path);
        assert.equal(((await reply.json()) as { error: { code: string } }).error.code, 'invalid-json', path);
      }
      const list = await browser.json('POST', '/api/access/users', []);
      assert.equal(list.status, 400);
      assert.equal((await browser.json('DELETE', '/api/access/users')).status, 404);
    });
  });
});

describe('a plant without the helper in its settings', function () {
  this.timeout(60_000);

  it('says so, starts, and lets nobody through the nodes that need accounts', async () => {
    const flows = [
      ...plantFlows,
      { id: 'people', type: 'user-admin', z: 'tab', wires: [[]] },
      { id: 'bell', type: 'notify', z: 'tab', channels: '', outputs: 1, wires: [[]] },
    ];
    const plant = await startPlant({ flows, guarded: false });
    try {
      assert.match(plant.log(), /settings\.ts does not use shopfloorAccess/);
      for (const node of ['user-admin:people', 'notify:bell', 'http-access:door']) {
        assert.match(plant.log(), new RegExp(`\\[error\\] \\[${node}\\] This Node-RED runs without shopfloorAccess`));
      }
      assert.equal((await fetch(`${plant.url}/closed`)).status, 503);
      assert.equal((await fetch(`${plant.url}/login`)).status, 404);
    } finally {
      await plant.stop();
    }
  });
});
