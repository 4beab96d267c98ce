import { flushPromises, mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Action, Role } from '../../nodes/access/messages.ts';
import { permissionsOf } from '../../nodes/access/policy.ts';
import '../../nodes/ctp/ctp-actions.ts';
import { boardOf, machineOf, problemOf, statisticsFor } from '../../test/dashboard/support/ctp-board.ts';
import { leader } from '../../test/dashboard/support/people.ts';
import NoticeToast from '../bar/NoticeToast.vue';
import { useNotifications } from '../bar/notifications.ts';
import ChoiceTiles from '../common/ChoiceTiles.vue';
import { duration, runningClock } from '../common/durations.ts';
import { accountLanguage } from '../common/language.ts';
import { plantMinute } from '../common/plant-clock.ts';
import { chosenLanguage } from '../common/preferences.ts';
import ReasonForm from '../common/ReasonForm.vue';
import CtpAndon from '../ctp/CtpAndon.vue';
import CtpLog from '../ctp/CtpLog.vue';
import { mostUrgentFirst } from '../ctp/ctp-board.ts';
import FilePicker from '../ctp/FilePicker.vue';
import { machineFilter } from '../ctp/history-filter.ts';
import KpiTile from '../ctp/KpiTile.vue';
import { paretoParts } from '../ctp/loss-figures.ts';
import ProblemDetail from '../ctp/ProblemDetail.vue';
import { spanOf } from '../ctp/period.ts';
import { changesBetween, instantOf } from '../ctp/problem-fields.ts';
import { rightsOn } from '../ctp/problem-rights.ts';
import ReportForm from '../ctp/ReportForm.vue';
import { refusalText } from '../ctp/refusal.ts';
import StatisticsView from '../ctp/StatisticsView.vue';
import StatusForm from '../ctp/StatusForm.vue';
import type { SendOutcome } from '../ctp/waiting-reports.ts';
import type { WaitingReport } from '../ctp/waiting-store.ts';
import { open, type Page } from './host.ts';

const now = new Date('2026-03-02T02:00:00Z');
let page: Page | undefined;

beforeEach(() => {
  // Ages are judged: they must not grow with the time that the tests before took.
  vi.useFakeTimers({ now, toFake: ['Date'] });
  localStorage.clear();
  chosenLanguage.value = 'account';
  accountLanguage.value = 'id';
  vi.stubGlobal('fetch', async () => ({
    ok: true,
    status: 200,
    json: async () => ({ success: true, data: statisticsFor(now) }),
  }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  page?.wrapper.unmount();
  page = undefined;
});

const tellBoard = (at = now, sent_at = new Date().toISOString()) =>
  page?.tell({ topic: 'ctp/board', payload: boardOf(at), sent_at });

describe('the page Log CTP', () => {
  it('shows each machine with word, icon, time in state, open problems and downtime', async () => {
    page = open(CtpLog, leader);
    expect(page.wrapper.text()).toContain('Belum ada kabar');
    await tellBoard();
    const cards = page.wrapper.findAll('.sf-machine').map((card) => card.text().replace(/\s+/g, ' '));
    expect(cards).toHaveLength(3);
    expect(cards[1]).toMatch(/CTP 2 Platesetter.*Perbaikan.*selama 1 jam 35 mnt.*Berhenti.*E-204.*Terbuka.*1/);
    expect(cards[1]).toMatch(/Henti hari ini1 jam 35 mntHenti bulan ini11 jam 23 mnt/);
    expect(page.wrapper.findAll('.sf-machine--alarm .mdi-alert-octagon')).toHaveLength(1);
  });

  it('never goes back to an older board', async () => {
    page = open(CtpLog, leader);
    await tellBoard();
    const empty = { ...boardOf(new Date(now.getTime() - 60_000)), cards: [] };
    await page.tell({ topic: 'ctp/board', payload: empty });
    expect(page.wrapper.findAll('.sf-machine')).toHaveLength(3);
  });
});

describe('the wall screen', () => {
  it('puts the stopped machine first, with a running clock', async () => {
    vi.useFakeTimers({ now });
    page = open(CtpAndon, leader);
    await tellBoard();
    const lamps = page.wrapper.findAll('.sf-lamp');
    expect(lamps.map((lamp) => lamp.find('h2').text())[0]).toBe('CTP 2 Platesetter');
    expect(lamps[0]?.find('.sf-lamp__clock').text()).toBe('01:35:00');
    vi.advanceTimersByTime(3000);
    await page.wrapper.vm.$nextTick();
    expect(lamps[0]?.find('.sf-lamp__clock').text()).toBe('01:35:03');
    expect(page.wrapper.findAll('button, a, input')).toHaveLength(0);
  });

  it('counts on from the time at which it was opened, not from that of the board that it was given', async () => {
    vi.useFakeTimers({ now: now.getTime() + 6 * 3600_000 });
    page = open(CtpAndon, leader);
    await tellBoard(now, new Date(now.getTime() + 25_000).toISOString());
    expect(page.wrapper.find('.sf-lamp__clock').text()).toBe('01:35:25');
  });

  it('shows a board as old that was old when the page was opened', async () => {
    page = open(CtpAndon, leader);
    await tellBoard(now, new Date(now.getTime() + 3600_000).toISOString());
    expect(page.wrapper.find('.sf-andon__old').text()).toContain('1 jam');
  });

  it('shows news older than ninety seconds as old', async () => {
    vi.useFakeTimers({ now });
    page = open(CtpAndon, leader);
    await tellBoard();
    expect(page.wrapper.find('.sf-andon__old').exists()).toBe(false);
    vi.advanceTimersByTime(95_000);
    await page.wrapper.vm.$nextTick();
    expect(page.wrapper.find('.sf-andon__old').text()).toContain('Keadaan mesin tidak diketahui');
    expect(page.wrapper.find('.sf-andon--old').exists()).toBe(true);
  });

  it('ranks by the worst open problem, then keeps the order of the machines', () => {
    const cards = boardOf(now).cards.map((card) => ({
      ...card,
      machine: machineOf(now, {
        id: card.machine.id,
        open_severity: ({ 1: 'minor', 2: null, 3: 'slow' } as const)[card.machine.id] ?? null,
      }),
    }));
    expect(mostUrgentFirst(cards).map(({ machine }) => machine.id)).toEqual([3, 1, 2]);
  });
});

describe('an act that may have been done', () => {
  it('is sent again under its id; after a refusal it is another one', async () => {
    const ids: string[] = [];
    const statuses = [502, 400, 200];
    vi.stubGlobal('fetch', async (_path: string, { body }: RequestInit) => {
      ids.push((JSON.parse(body as string) as { commandId: string }).commandId);
      const status = statuses.shift() ?? 200;
      return { ok: status === 200, status, json: async () => ({}) };
    });
    const form = mount(StatusForm, { props: { machine: machineOf(now) } });
    for (let tries = 1; tries <= 3; tries += 1) {
      form.findComponent(ReasonForm).vm.$emit('confirm', 'Cleaning');
      await flushPromises();
    }
    expect(form.emitted('done')).toHaveLength(1);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[1]);
    form.unmount();
  });

  it('is the same report when the tablet keeps nothing and it is sent again', async () => {
    vi.useFakeTimers({ now, toFake: ['Date'] });
    const reports: WaitingReport[] = [];
    const send = async (report: WaitingReport): Promise<SendOutcome> => {
      reports.push(report);
      vi.setSystemTime(Date.now() + 60_000);
      return { kind: 'unkept' };
    };
    const machine = { id: 1, name: 'CTP 1 Suprasetter' };
    const form = mount(ReportForm, { props: { machine, userId: 'u-1', codes: [], again: null, send } });
    await form.findComponent(ChoiceTiles).vm.$emit('choose', 'stop');
    await form.find('textarea').setValue('Laser off');
    for (let submits = 0; submits < 3; submits += 1) {
      await form.find('form').trigger('submit');
      await flushPromises();
    }
    expect(reports).toHaveLength(2);
    expect(reports[1]?.commandId).toBe(reports[0]?.commandId);
    expect(reports[1]?.fields).toEqual(reports[0]?.fields);
    form.unmount();
  });

  it('adds photos once, however often they are sent', async () => {
    const ids: unknown[] = [];
    vi.stubGlobal('fetch', async (_path: string, { method, body }: RequestInit) => {
      if (method === 'POST') ids.push((body as FormData).get('commandId'));
      throw new TypeError('the answer was lost');
    });
    const detail = mount(ProblemDetail, {
      props: { problem: problemOf(now), rights: { login: 'sari', may: () => true } },
      global: { stubs: { FilePicker: true } },
    });
    const press = async (icon: string) => {
      await detail.find(`button:has(.mdi-${icon})`).trigger('click');
      await flushPromises();
    };
    await press('camera-plus-outline');
    const photo = { kind: 'photo', name: 'a.jpg', file: new Blob(['a']), thumbnail: null };
    detail.findComponent(FilePicker).vm.$emit('update:modelValue', [photo]);
    await flushPromises();
    await press('upload');
    await press('upload');
    expect(ids).toHaveLength(2);
    expect(ids[1]).toBe(ids[0]);
    detail.unmount();
  });
});

describe('a toast', () => {
  const row = (id: number) => ({
    id,
    type: 'ctp_problem_new',
    title: `notice ${id}`,
    body: null,
    link: 'javascript:alert(1)',
    severity: 'alarm' as const,
    createdAt: now.toISOString(),
    readAt: null,
  });

  it('tells what arrives while the page is open, once, and never what was there before', async () => {
    const wrapper = mount(NoticeToast);
    const { learn } = useNotifications();
    const told = async (id: number, unread = 1) => {
      learn({ unread, latest: row(id) });
      await flushPromises();
      return wrapper.text();
    };
    expect(await told(5)).toBe('');
    expect(await told(6)).toContain('notice 6');
    expect(wrapper.find('a').exists()).toBe(false);
    await wrapper.find('button').trigger('click');
    expect(await told(6)).toBe('');
    expect(await told(4)).toBe('');
    expect(await told(7)).toContain('notice 7');
    wrapper.unmount();
  });
});

describe('figures and words of Log CTP', () => {
  it.each([
    [null, '–'],
    [0, '0 dtk'],
    [59.6, '1 mnt'],
    [3599, '59 mnt'],
    [3600, '1 jam 00 mnt'],
    [47 * 3600, '47 jam 00 mnt'],
    [50 * 3600, '2 hari 2 jam'],
  ])('%s seconds are %s', (seconds, words) => expect(duration(seconds)).toBe(words));

  it('runs a clock over days', () => {
    expect(runningClock(5 * 3600 + 7 * 60 + 33)).toBe('05:07:33');
    expect(runningClock(2 * 86_400 + 1)).toBe('2 hari 00:00:01');
  });

  it('shows an undefined figure as a dash, with its formula', () => {
    const { mtbf, availability } = statisticsFor(now);
    const undefinedTile = mount(KpiTile, { props: { of: 'mtbf', kpi: mtbf } });
    expect(undefinedTile.find('.sf-kpi__value').text()).toBe('–');
    expect(undefinedTile.text()).toContain('(Waktu terencana − waktu henti) / masalah yang mulai (APT / masalah)');
    expect(undefinedTile.text()).toContain('= 188,6 jam / 0');
    const tile = mount(KpiTile, { props: { of: 'availability', kpi: availability } });
    expect(tile.text()).toContain('94,3 %');
    expect(tile.text()).toContain('= 188,6 jam / 200 jam');
  });

  it.each([
    ['id', 'Perbandingan vendor', ['Teknisi lokal4138,315', 'Vendor tanpa nama perusahaan261–', 'Heidelberg1––']],
    ['en-US', 'Vendors compared', ['Own technicians4138.315', 'Vendor, firm not named261–', 'Heidelberg1––']],
  ] as const)('compares vendors under the technicians, in %s', async (spoken, title, rows) => {
    accountLanguage.value = spoken;
    const view = mount(StatisticsView, {
      props: { machineId: 2, changed: '' },
      global: { stubs: { StatusHistory: true } },
    });
    await vi.waitFor(() => expect(view.findAll('table').length).toBeGreaterThan(1));
    const [technicians, vendors] = view.findAll('[role="region"]').slice(-2);
    expect(technicians?.findAll('tbody tr').map((row) => row.find('th').text())).toEqual([
      'Pak Joko',
      '– · Heidelberg',
    ]);
    expect(vendors?.attributes('aria-label')).toBe(title);
    expect(vendors?.findAll('tbody tr').map((row) => row.text())).toEqual(rows);
    view.unmount();
  });

  it('names a cause without a code', () => {
    expect(paretoParts(statisticsFor(now).pareto.error_code, 'error_code').map(({ name }) => name)).toEqual([
      'E-204',
      'Tanpa kode',
    ]);
  });

  it('asks for the last 7, 30 or 365 days up to today', () => {
    const today = new Date(2026, 2, 1, 10);
    expect(spanOf('week', today)).toEqual({ start_date: '2026-02-23', end_date: '2026-03-01', bucket: 'day' });
    expect(spanOf('quarter', today)).toEqual({ start_date: '2025-12-02', end_date: '2026-03-01', bucket: 'week' });
    expect(spanOf('year', today)).toEqual({ start_date: '2025-03-02', end_date: '2026-03-01', bucket: 'month' });
  });

  it('turns what a person set into the filter of the route, and leaves out what is not set', () => {
    const unset = { search: ' ', status: '', severity: '', technician_type: '', month: '' };
    expect(machineFilter(2, unset)).toEqual({ machine_id: 2 });
    expect(machineFilter(2, { ...unset, search: ' lens ', month: '2026-07', status: 'open' })).toEqual({
      machine_id: 2,
      search: 'lens',
      year: 2026,
      month: 7,
      status: 'open',
    });
  });

  it('tells what somebody else changed, field by field', () => {
    const seen = problemOf(now);
    const newer = problemOf(now, { status: 'completed', solution: 'lens cleaned', category: 'mechanical' });
    expect(changesBetween(seen, newer)).toEqual([
      { name: 'Status', before: 'Berjalan', after: 'Selesai' },
      { name: 'Kategori', before: 'Laser', after: 'Mekanik' },
      { name: 'Solusi', before: '–', after: 'lens cleaned' },
    ]);
  });

  it('reads the minute that an input shows back as the same instant', () => {
    const minute = new Date(2026, 10, 21, 8, 15);
    expect(instantOf(plantMinute(minute))).toBe(minute.toISOString());
    expect(instantOf('')).toBeNull();
  });

  it('offers only what the state allows', () => {
    const may = () => true;
    const on = (status: 'ongoing' | 'completed' | 'void') => {
      const rights = rightsOn(problemOf(now, { status }), { login: 'sari', may });
      return Object.entries(rights)
        .filter(([, is]) => is)
        .map(([act]) => act);
    };
    expect(on('ongoing')).toEqual(['complete', 'correct', 'everyField', 'void', 'addFiles', 'hideFiles']);
    expect(on('completed')).toEqual(['correct', 'everyField', 'reopen', 'void', 'addFiles', 'hideFiles']);
    expect(on('void')).toEqual([]);
  });

  it('offers maintenance and other reporters only what the server takes from them', () => {
    const on = (role: Role, login: string, status: 'ongoing' | 'completed') => {
      const may = (action: Action) =>
        permissionsOf({ roles: [role], departments: [], machines: ['platesetter'] }).includes(action);
      const rights = rightsOn(problemOf(now, { status, created_by: 'rina' }), { login, may });
      return Object.entries(rights)
        .filter(([, is]) => is)
        .map(([act]) => act);
    };
    expect(on('maintenance', 'joko', 'ongoing')).toEqual(['complete', 'correct', 'addFiles']);
    expect(on('maintenance', 'joko', 'completed')).toEqual(['correct', 'addFiles']);
    expect(on('ctp', 'rina', 'ongoing')).toEqual(['complete', 'correct', 'everyField', 'addFiles', 'hideFiles']);
    expect(on('ctp', 'rina', 'completed')).toEqual([]);
    expect(on('ctp', 'dewi', 'ongoing')).toEqual([]);
    expect(on('manager', 'budi', 'ongoing')).toEqual([]);
    expect(on('supervisor', 'sari', 'completed')).toContain('reopen');
  });

  it('names machines in the Pareto, not their keys', () => {
    const rows = [{ key: 'platesetter', problems: 1, downtime_s: 60, cumulative_percent: 100 }];
    const names = new Map([['platesetter', 'CTP 2 Platesetter']]);
    expect(paretoParts(rows, 'machine', names).map(({ name }) => name)).toEqual(['CTP 2 Platesetter']);
  });

  it('says a refusal in the language of the person, with the fields that the server named', () => {
    expect(refusalText({ code: 'second-open-problem', message: 'x', fields: [] })).toContain('masalah sejenis');
    expect(
      refusalText({ code: 'invalid-input', message: '', fields: [{ field: 'end_time', message: 'is early' }] }),
    ).toBe('Ada isian yang belum benar. Selesai: is early');
    expect(refusalText({ code: 'never-heard-of', message: 'The reason.', fields: [] })).toBe('Ditolak. The reason.');
  });
});

// The last one: the pages share one board, which goes back to no older one.
describe('the charts of Log CTP', () => {
  it('ask for their figures anew once a minute, since what is still open goes on', async () => {
    const asked = vi.fn(fetch);
    vi.stubGlobal('fetch', asked);
    page = open(CtpLog, leader);
    const askedBy = async (second: number) => {
      await tellBoard(new Date(Date.UTC(2027, 0, 1, 8, 0, second)));
      return asked.mock.calls.length;
    };
    const first = await askedBy(5);
    expect([(await askedBy(35)) - first, (await askedBy(65)) - first]).toEqual([0, 1]);
  });
});
