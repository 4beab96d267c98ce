import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { leader } from '../../test/dashboard/support/people.ts';
import ShopBar from '../bar/ShopBar.vue';
import { reportNews } from '../common/connection.ts';
import { callServer } from '../common/http.ts';
import { accountLanguage } from '../common/language.ts';
import { chosenLanguage, darkMode, kioskMode } from '../common/preferences.ts';
import { learnServerTime } from '../common/server-time.ts';
import { open, type Page } from './host.ts';

let page: Page;
const replaced = vi.fn();
const fetched = vi.fn();
const bar = () => document.body;

beforeEach(() => {
  localStorage.clear();
  chosenLanguage.value = 'account';
  accountLanguage.value = 'id';
  document.documentElement.className = '';
  document.body.innerHTML =
    '<header class="v-app-bar"><button class="v-app-bar-nav-icon"></button><div id="app-bar-title"></div><div id="app-bar-actions"></div></header>';
  vi.spyOn(window.location, 'replace').mockImplementation(replaced);
  fetched.mockResolvedValue({ ok: true, json: async () => ({ success: true, data: [], unread: 0 }) });
  vi.stubGlobal('fetch', fetched);
});
afterEach(() => {
  page.wrapper.unmount();
  replaced.mockReset();
  fetched.mockReset();
  darkMode.value = 'off';
  kioskMode.value = 'off';
  vi.unstubAllGlobals();
});

async function opened(setup = leader): Promise<Page> {
  page = open(ShopBar, setup, { props: { plant: 'Pabrik Pakan' } });
  await page.wrapper.vm.$nextTick();
  await page.wrapper.vm.$nextTick();
  return page;
}
const press = async (label: string) => {
  const found = [...document.querySelectorAll('button')].find(
    (each) => each.textContent?.includes(label) || each.getAttribute('aria-label')?.includes(label),
  );
  if (!found) throw new Error(`no button ${label}`);
  found.click();
  await page.wrapper.vm.$nextTick();
};

describe('the shop bar', () => {
  it('says where one is, as the heading of the page', async () => {
    await opened();
    expect(bar().querySelector('h1')?.textContent).toBe('Batch');
    expect(document.title).toBe('Batch · Pabrik Pakan');
    expect(document.documentElement.lang).toBe('id');
  });

  it("names the dashboard's menu button for a screen reader", async () => {
    await opened();
    expect(bar().querySelector('.v-app-bar-nav-icon')?.getAttribute('aria-label')).toBe('Buka menu');
  });

  it('counts unread notifications as the server pushes them', async () => {
    await opened();
    expect(page.socket.sent).toContainEqual({ event: 'shopfloor:ask-notifications', args: [] });
    page.socket.receive('shopfloor:notifications', { unread: 3, latest: null });
    await page.wrapper.vm.$nextTick();
    expect(bar().querySelector('.sf-badge')?.textContent).toBe('3');
    expect(bar().querySelector('.sf-pop__opener .sf-hidden')?.textContent).toBe('Pemberitahuan, 3 belum dibaca');
  });

  it('lists notifications and marks one or all of them as read', async () => {
    const row = {
      id: 7,
      title: 'Batch gagal',
      body: null,
      link: '//evil.example',
      severity: 'alarm',
      createdAt: '2026-03-02T02:00:00Z',
      readAt: null,
    };
    fetched.mockResolvedValue({ ok: true, json: async () => ({ success: true, data: [row], unread: 1 }) });
    await opened();
    page.socket.receive('shopfloor:notifications', { unread: 1, latest: null });
    await page.wrapper.vm.$nextTick();
    await press('Pemberitahuan');
    await vi.waitFor(() => expect(bar().textContent).toContain('Batch gagal'));
    expect(bar().querySelector('.sf-notices a')).toBeNull();
    await press('Tandai dibaca');
    await vi.waitFor(() =>
      expect(fetched).toHaveBeenCalledWith('/api/notifications/7/read', expect.objectContaining({ method: 'PUT' })),
    );
    await press('Tandai semua dibaca');
    await vi.waitFor(() =>
      expect(fetched).toHaveBeenCalledWith(
        '/api/notifications/mark-all-read',
        expect.objectContaining({ method: 'PUT' }),
      ),
    );
  });

  it('changes the language of everything and remembers it with the account', async () => {
    await opened();
    await press('Akun Sari');
    await press('English');
    await vi.waitFor(() =>
      expect(fetched).toHaveBeenCalledWith('/api/access/me', expect.objectContaining({ method: 'PUT' })),
    );
    expect(bar().querySelector('h1')?.textContent).toBe('Batches');
    expect(document.documentElement.lang).toBe('en-US');
  });

  it('keeps dark mode and kiosk mode for the next start', async () => {
    await opened();
    await press('Akun Sari');
    await press('Mode gelap');
    expect(document.documentElement.dataset.sfTheme).toBe('dark');
    expect(localStorage.getItem('shopfloor.dark')).toBe('on');
    await press('Mode kios');
    expect(document.documentElement.classList.contains('sf-kiosk')).toBe(true);
    expect(localStorage.getItem('shopfloor.kiosk')).toBe('on');
    await press('Keluar dari mode kios');
    expect(document.documentElement.classList.contains('sf-kiosk')).toBe(false);
  });

  it('clears the screen and goes to the login when the session has ended', async () => {
    await opened();
    page.socket.receive('shopfloor:session-ended', { reason: 'logged-out' });
    expect(document.documentElement.classList.contains('sf-cleared')).toBe(true);
    expect(replaced).toHaveBeenCalledWith(expect.stringMatching(/^\/login\?next=/));
    page.socket.receive('connect_error', new Error('unauthorized'));
    expect(replaced).toHaveBeenCalledTimes(1);
  });

  it('goes to the login when the socket is refused for want of a session', async () => {
    await opened();
    page.socket.receive('connect_error', new Error('unauthorized'));
    expect(replaced).toHaveBeenCalledWith(expect.stringMatching(/^\/login/));
  });

  it('loads itself anew when the rights of its person changed', async () => {
    await opened();
    page.socket.receive('shopfloor:session-ended', { reason: 'changed' });
    expect(replaced).toHaveBeenCalledWith(window.location.href);
  });

  it('says that the connection is lost and how old the figures are, until it is back', async () => {
    await opened();
    const madeAt = new Date(Date.now() - 5 * 60_000).toISOString();
    reportNews(madeAt, 900);
    learnServerTime(new Date().toISOString());
    page.socket.receive('disconnect', 'transport close');
    await page.wrapper.vm.$nextTick();
    expect(bar().querySelector('.sf-banner')?.textContent).toContain('Sambungan terputus. Angka di layar dari 5 mnt');
    page.socket.receive('connect');
    await page.wrapper.vm.$nextTick();
    expect(bar().querySelector('.sf-banner')).toBeNull();
  });

  it('says that nothing new came for longer than the page allows', async () => {
    await opened();
    reportNews(new Date(Date.now() - 20.5 * 60_000).toISOString(), 900);
    await page.wrapper.vm.$nextTick();
    expect(bar().querySelector('.sf-banner')?.textContent).toContain('Tidak ada kabar baru sejak 20 mnt');
    reportNews(new Date().toISOString(), 900);
  });

  it('lets a person take over a shared tablet with a badge, and says when it is not known', async () => {
    fetched.mockResolvedValue({ ok: false, status: 401, json: async () => ({ error: { code: 'wrong-login' } }) });
    await opened({ ...leader, sharedDevice: { account: 'tablet-1', personActive: false } });
    await press('Akun Sari');
    await press('Ganti orang');
    const badge = document.querySelector<HTMLInputElement>('dialog input');
    if (!badge) throw new Error('no field for the badge');
    badge.value = '0004711';
    badge.dispatchEvent(new Event('input'));
    document.querySelector('dialog form')?.dispatchEvent(new Event('submit'));
    await vi.waitFor(() => expect(bar().textContent).toContain('Kartu, nama atau PIN salah.'));
    expect(fetched).toHaveBeenCalledWith(
      '/api/access/switch',
      expect.objectContaining({ body: '{"badge":"0004711"}' }),
    );
    fetched.mockResolvedValue({ ok: true, json: async () => ({ success: true, data: leader }) });
    badge.value = '0004712';
    badge.dispatchEvent(new Event('input'));
    document.querySelector('dialog form')?.dispatchEvent(new Event('submit'));
    await vi.waitFor(() => expect(replaced).toHaveBeenCalledWith(window.location.href));
  });

  it('asks for the password that a PIN does not replace, and sends the command again', async () => {
    await opened({ ...leader, sharedDevice: { account: 'tablet-1', personActive: true } });
    const refusal = { ok: false, status: 403, json: async () => ({ error: { code: 'password-needed' } }) };
    fetched.mockResolvedValueOnce(refusal);
    const answer = callServer('POST', '/api/access/tokens', {});
    await vi.waitFor(() => expect(bar().textContent).toContain('Konfirmasi dengan kata sandi'));
    const give = async (password: string) => {
      const field = document.querySelector<HTMLInputElement>('dialog input[type=password]');
      if (!field) throw new Error('no field for the password');
      field.value = password;
      field.dispatchEvent(new Event('input'));
      document.querySelector('dialog form')?.dispatchEvent(new Event('submit'));
    };
    fetched.mockResolvedValueOnce({ ok: false, status: 401, json: async () => ({ error: { code: 'wrong-login' } }) });
    await give('a guess');
    await vi.waitFor(() => expect(bar().textContent).toContain('Kata sandi salah.'));
    await give('the password');
    expect((await answer).ok).toBe(true);
    const paths = fetched.mock.calls.map(([path]) => String(path)).filter((path) => path.startsWith('/api/access'));
    expect(paths).toEqual(['/api/access/tokens', '/api/access/step-up', '/api/access/step-up', '/api/access/tokens']);
    fetched.mockResolvedValueOnce(refusal);
    const given = callServer('POST', '/api/access/tokens', {});
    await vi.waitFor(() => expect(bar().textContent).toContain('Konfirmasi dengan kata sandi'));
    await press('Tidak, kembali');
    expect(await given).toMatchObject({ ok: false, code: 'password-needed' });
  });

  it('tells the server of touches, at most twice a minute', async () => {
    await opened();
    const told = () => page.socket.sent.filter(({ event }) => event === 'shopfloor:active').length;
    for (let touch = 0; touch < 5; touch += 1) window.dispatchEvent(new Event('pointerdown'));
    expect(told()).toBe(1);
  });

  it('ends the session on the server when the person leaves', async () => {
    await opened();
    await press('Akun Sari');
    await press('Keluar');
    await vi.waitFor(() =>
      expect(fetched).toHaveBeenCalledWith('/logout', expect.objectContaining({ method: 'POST' })),
    );
    await vi.waitFor(() => expect(replaced).toHaveBeenCalledWith('/login'));
  });
});
