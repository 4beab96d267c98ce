import { type DOMWrapper, flushPromises, mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PageSetup } from '../../nodes/access/messages.ts';
import type { ImportPreview } from '../../nodes/health/messages.ts';
import { calibration, component, estimateOf, healthOf, trendOf } from '../../test/dashboard/support/machines.ts';
import { leader } from '../../test/dashboard/support/people.ts';
import { id } from '../catalogues/id.ts';
import { accountLanguage } from '../common/language.ts';
import { chosenLanguage } from '../common/preferences.ts';
import HealthPage from '../health/HealthPage.vue';
import { inFirstOutOrder } from '../health/health-state.ts';
import { alarmWords, bandWords, toneOfComponent } from '../health/health-words.ts';
import ImportDialog from '../health/ImportDialog.vue';
import { open, type Page } from './host.ts';

vi.mock('../charts/echarts.ts', () => ({ drawOn: () => ({ show() {}, resize() {}, valuesAt() {}, dispose() {} }) }));

const keeper: PageSetup = {
  ...leader,
  permissions: ['health.read', 'health.acknowledge', 'health.shelve', 'repair.import', 'production.all-machines'],
};
const onlooker: PageSetup = { ...leader, permissions: ['health.read'] };
const now = new Date('2026-11-21T04:12:00Z');
let page: Page | undefined;

const opened = (): Page => {
  if (!page) throw new Error('no page');
  return page;
};
const ask = (command: string) =>
  opened()
    .socket.sent.filter(({ event }) => event === 'widget-send')
    .map(({ args }) => args[1] as { requestId: string; payload: { command: string; commandId?: string } })
    .filter(({ payload }) => payload.command === command);
async function answer(command: string, body: unknown, ok = true): Promise<void> {
  const { requestId } = ask(command).at(-1) ?? { requestId: '' };
  const payload = ok ? { requestId, ok, answer: body } : { requestId, ok, ...(body as object) };
  await opened().tell({ topic: 'health/reply', payload });
  await opened().wrapper.vm.$nextTick();
}
const button = (name: string) => {
  const found = opened()
    .wrapper.findAll('button')
    .find((each) => each.text().includes(name));
  if (!found) throw new Error(`no button ${name}`);
  return found;
};
async function show(view = healthOf(now), setup = keeper, query: Readonly<Record<string, string>> = {}): Promise<void> {
  page = open(HealthPage, setup, {}, query);
  await page.tell({ topic: 'health/view', payload: { seq: 1, view } });
}

beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  localStorage.clear();
  chosenLanguage.value = 'account';
  accountLanguage.value = 'id';
});
afterEach(() => {
  page?.wrapper.unmount();
  page = undefined;
  vi.useRealTimers();
});

describe('the page Health', () => {
  it('says that nothing is known before the first news', () => {
    page = open(HealthPage, keeper);
    expect(page.wrapper.text()).toContain(id['health.no-view']);
  });

  it('shows each component with index, band and what it is made of', async () => {
    await show();
    const words = opened().wrapper.findAll('.sf-machine')[0]?.text() ?? '';
    for (const word of ['Feeder', 'Flexo 1', '78,3', 'Cukup', 'RPN 168 · OEE 75,1']) expect(words).toContain(word);
  });

  it('shows an unknown index as unknown and names what can not be trusted', async () => {
    await show();
    const unknown = opened().wrapper.findAll('.sf-machine').at(-1);
    expect(unknown?.find('.sf-index__value').text()).toBe('–');
    expect(unknown?.text()).toContain('Tidak diketahui');
    expect(unknown?.text()).toContain('Tidak dapat dipercaya: OEE');
    expect(unknown?.find('.sf-target__fill').exists()).toBe(false);
  });

  it('lists alarms in the order in which they came', async () => {
    await show();
    const rows = opened().wrapper.findAll('.sf-health-alarm');
    expect(rows.map((row) => row.find('strong').text())).toEqual(['Feeder', 'Printing']);
    expect(rows[0]?.text()).toContain('Perbaikan sekitar 34 mnt (12 mnt–1 jam 58 mnt)');
  });

  it('calls machines by the names that people know, everywhere', async () => {
    await show();
    const ids = /C_FL1\d\d/;
    expect(opened().wrapper.text()).not.toMatch(ids);
    expect(
      opened()
        .wrapper.findAll('option')
        .map((option) => option.text()),
    ).toEqual([id['health.every-machine'], 'Flexo 1', 'Flexo 2', 'Flexo 4']);
    await button(id['alarm.shelve']).trigger('click');
    expect(opened().wrapper.find('dialog').text()).toContain('Alarm Feeder di Flexo 2 diam');
    opened().wrapper.unmount();
    await show(healthOf(now), keeper, { machine: 'C_FL104', component: 'Feeder' });
    expect(opened().wrapper.text()).not.toMatch(ids);
  });

  it.each([
    ['id', 'Belum pernah dihitung', 'Dihitung'],
    ['en-US', 'Never calculated', 'Calculated'],
  ] as const)(
    'says of a component without an index that it was never calculated (%s)',
    async (language, never, when) => {
      accountLanguage.value = language;
      const unheard = component(now, { index: null, smoothed: null, band: 'unknown', at: null, calculated_at: null });
      await show({ ...healthOf(now), components: [unheard], alarms: [] });
      const card = opened().wrapper.find('.sf-machine').text();
      expect(card).toContain(never);
      expect(card).not.toContain(when);
    },
  );

  it('acknowledges with one tap', async () => {
    await show();
    await button(id['alarm.acknowledge']).trigger('click');
    expect(ask('acknowledge')[0]?.payload).toMatchObject({ machine: 'C_FL102', component: 'Feeder' });
    await answer('acknowledge', {});
    expect(opened().wrapper.find('.sf-told').text()).toContain('Alarm Feeder di Flexo 2 diterima');
  });

  it('tells why a decision was refused', async () => {
    await show();
    await button(id['alarm.acknowledge']).trigger('click');
    await answer('acknowledge', { code: 'forbidden', message: '' }, false);
    expect(opened().wrapper.find('[role=alert]').text()).toContain(id['result.code.forbidden']);
  });

  it('shelves for a chosen time, and only with a reason', async () => {
    await show();
    await button(id['alarm.shelve']).trigger('click');
    const dialog = opened().wrapper.find('dialog');
    await dialog.find('form').trigger('submit');
    expect(ask('shelve')).toEqual([]);
    await dialog.findAll('.sf-tile')[2]?.trigger('click');
    await dialog.find('textarea').setValue('Suku cadang dipesan');
    await dialog.find('form').trigger('submit');
    expect(ask('shelve')[0]?.payload).toMatchObject({ minutes: 480, reason: 'Suku cadang dipesan' });
  });

  it('shelves without typing: a usual reason is one tap', async () => {
    await show();
    await button(id['alarm.shelve']).trigger('click');
    await button(id['alarm.why.part']).trigger('click');
    await opened().wrapper.find('dialog form').trigger('submit');
    expect(ask('shelve')[0]?.payload).toMatchObject({ minutes: 60, reason: 'Menunggu suku cadang' });
  });

  it('offers no decision to somebody who may only look', async () => {
    await show(healthOf(now), onlooker);
    expect(opened().wrapper.findAll('.sf-health-alarm__acts button')).toHaveLength(0);
    expect(opened().wrapper.text()).not.toContain(id['import.open']);
  });

  it('offers an operator to acknowledge at the own machines only', async () => {
    const operator = {
      ...leader.user,
      roles: ['operator'],
      departments: ['production'],
      machines: ['C_FL102'],
    } as const;
    const setup = { ...leader, user: operator, permissions: ['health.read', 'health.acknowledge'] };
    const view = healthOf(now);
    const [, alarm] = view.alarms;
    if (!alarm) throw new Error('no alarm');
    const elsewhere = { ...alarm, id: 'a-2', machine: 'C_FL104', machine_name: 'Flexo 4' };
    await show({ ...view, alarms: [alarm, elsewhere] }, setup);
    const offered = opened()
      .wrapper.findAll('.sf-health-alarm')
      .map((row) => [row.find('.sf-muted').text(), row.text().includes(id['alarm.acknowledge'])]);
    expect(offered).toEqual([
      ['Flexo 2', true],
      ['Flexo 4', false],
    ]);
  });

  it('names whoever decided, and nobody where it came by itself', async () => {
    await show();
    const [raised, shelved] = opened().wrapper.findAll('.sf-health-alarm');
    expect(raised?.text()).not.toContain('system');
    expect(shelved?.text()).toContain('Suku cadang dalam perjalanan · Budi Santoso');
  });

  it('heads one component with its name and its machine, which a phone has no room for in the bar', async () => {
    await show(healthOf(now), keeper, { machine: 'C_FL104', component: 'Feeder' });
    expect(opened().wrapper.find('h2').text()).toBe('Feeder · Flexo 4');
  });

  it('shows one component with trend, estimate, its basis and how often it was right', async () => {
    await show(healthOf(now), keeper, { machine: 'C_FL102', component: 'Feeder' });
    await answer('trend', trendOf(now, 'C_FL102', 'Feeder'));
    const words = opened().wrapper.text();
    for (const word of [
      '8 dari 10 perbaikan selesai antara 12 mnt dan 1 jam 58 mnt',
      '23 perbaikan dengan penyebab yang sama di mesin ini, yang terbaru lebih berbobot.',
      'Produksi shift ini 7.420, cacat 260.',
      'Dari 142 perbaikan terakhir, 81 % selesai di dalam kisaran',
      'macet di feeder, kelistrikan (dugaan)',
      'Batas alarm 40',
      'Alarm berakhir di atas 45',
    ]) {
      expect(words).toContain(word);
    }
  });

  it('claims no accuracy before a repair has shown it', async () => {
    const view = { ...healthOf(now), calibration: { ...calibration, repairs: 0, coverage_percent: null } };
    await show(view);
    expect(opened().wrapper.text()).toContain(id['repair.no-calibration']);
  });

  it('says that a component is unknown instead of showing another', async () => {
    await show(healthOf(now), keeper, { machine: 'X', component: 'Y' });
    expect(opened().wrapper.text()).toContain('Y di X tidak dikenal');
  });
});

describe('alarms and bands', () => {
  it('have a word each', () => {
    for (const word of [...Object.values(bandWords), ...Object.values(alarmWords)]) expect(id[word.key]).toBeTruthy();
  });

  it('leave out what is over', () => {
    const [one] = healthOf(now).alarms;
    expect(one && inFirstOutOrder([{ ...one, state: 'normal' }])).toEqual([]);
  });

  it('call for nobody once they are shelved', () => {
    expect(toneOfComponent(component(now, { band: 'critical', alarm: 'shelved' }))).toBe('quiet');
    expect(toneOfComponent(component(now, { band: 'critical', alarm: 'unacknowledged' }))).toBe('alarm');
    expect(toneOfComponent(component(now, { band: 'unknown', index: null }))).toBe('notice');
  });

  it('carry an estimate in both languages', () => {
    const { basis } = estimateOf(now);
    expect(basis.id).toHaveLength(basis['en-US'].length);
  });
});

describe('a file of past stops', () => {
  const file = new File(['machine;start\n'], 'stops.csv');
  const preview: ImportPreview = {
    encoding: 'utf-8',
    separator: ';',
    skipped: [],
    columns: ['machine', 'start'],
    rows: 1,
    stops: 1,
    refused: 0,
    date_order: { order: 'dmy', why: 'shown' },
    decimal: { mark: 'point', why: 'no-matter' },
    readings: [],
    new_machines: [],
  };
  const first = { line: 2, machine: 'M1', cause: 'JAM', end: null, minutes: 30 };
  const unclear: ImportPreview = {
    ...preview,
    date_order: { order: 'dmy', why: 'unclear' },
    readings: [
      { date_order: 'dmy', decimal: 'point', rows: [{ ...first, start: '2026-11-02T01:05:00Z' }] },
      { date_order: 'mdy', decimal: 'point', rows: [{ ...first, start: '2026-02-11T01:05:00Z' }] },
    ],
  };
  const done = {
    id: 'i1',
    name: 'stops.csv',
    status: 'done',
    rows: 1,
    imported: 1,
    duplicates: 0,
    production: 0,
    refused: 0,
    refusals: [],
  };
  /** What the page sent, in order. */
  let sent: { readonly path: string; readonly query: URLSearchParams; readonly type: string | null }[];
  /** Answers of the server, in order. */
  let answers: (readonly [status: number, body: object])[];

  beforeEach(() => {
    sent = [];
    vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
      const url = new URL(address, 'http://plant');
      const type = new Headers(init.headers).get('content-type');
      sent.push({ path: url.pathname, query: url.searchParams, type });
      const [status, body] = answers.shift() ?? [500, {}];
      return new Response(JSON.stringify(body), { status });
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  const opened = async () => {
    const wrapper = mount(ImportDialog);
    const input = wrapper.find('input[type=file]');
    Object.defineProperty(input.element, 'files', { value: [file] });
    await input.trigger('change');
    await flushPromises();
    return wrapper;
  };
  const press = async (wrapper: Awaited<ReturnType<typeof opened>>, label: string) => {
    const button = wrapper.findAll('button').find((one) => one.text().includes(label));
    await button?.trigger('click');
    await flushPromises();
  };

  it('is sent byte for byte and looked at before it is imported, and can be taken back', async () => {
    answers = [
      [200, { data: preview }],
      [200, { data: done }],
      [200, { data: { id: 'i1', undone_at: '', undone_by: 'ani', removed: 1, kept: 0 } }],
    ];
    const wrapper = await opened();
    await press(wrapper, id['import.start']);
    await press(wrapper, id['import.undo']);
    expect(sent.map(({ path }) => path)).toEqual([
      '/api/repair/imports/preview',
      '/api/repair/imports',
      '/api/repair/imports/i1/undo',
    ]);
    expect(sent[0]?.type).toBe('application/octet-stream');
    expect(sent[1]?.query.get('name')).toBe('stops.csv');
    expect(sent[1]?.query.get('date_order')).toBeNull();
  });

  it('asks which comes first in its dates, day first until the person says otherwise', async () => {
    answers = [
      [200, { data: unclear }],
      [200, { data: done }],
    ];
    const wrapper = await opened();
    expect(wrapper.text()).toContain(id['import.ask-dates']);
    const [day, month] = wrapper.findAll('input[type=radio]');
    expect((day as DOMWrapper<HTMLInputElement>).element.checked).toBe(true);
    await month?.trigger('change');
    await press(wrapper, id['import.start']);
    expect(sent[1]?.query.get('date_order')).toBe('mdy');
  });

  it('asks for the mark of decimals only once the dates are known', async () => {
    const marks: ImportPreview = {
      ...preview,
      decimal: { mark: 'point', why: 'unclear' },
      readings: [
        { date_order: 'dmy', decimal: 'comma', rows: [] },
        { date_order: 'dmy', decimal: 'point', rows: [] },
      ],
    };
    answers = [
      [200, { data: unclear }],
      [400, { error: { code: 'decimal-unclear', message: '' } }],
      [200, { data: marks }],
      [200, { data: done }],
    ];
    const wrapper = await opened();
    await press(wrapper, id['import.start']);
    expect(wrapper.text()).toContain(id['import.ask-decimals']);
    await wrapper.findAll('input[type=radio]')[0]?.trigger('change');
    await press(wrapper, id['import.start']);
    expect(Object.fromEntries(sent[3]?.query ?? [])).toMatchObject({ date_order: 'dmy', decimal: 'comma' });
  });

  it('takes machines that are not registered only when they are ticked', async () => {
    answers = [
      [200, { data: { ...preview, new_machines: [{ machine: 'M9', stops: 3 }] } }],
      [200, { data: done }],
    ];
    const wrapper = await opened();
    await press(wrapper, id['import.start']);
    expect(sent).toHaveLength(1);
    await wrapper.find('input[type=checkbox]').setValue(true);
    await press(wrapper, id['import.start']);
    expect(sent[1]?.query.getAll('new_machine')).toEqual(['M9']);
  });

  it('says in the language of the reader why no row of it can be read', async () => {
    const fault = { code: 'no-column', wanted: '"machine" (machine)', has: 'Mesin, Mulai' };
    answers = [[400, { error: { code: 'file-unreadable', message: '', current: { file_fault: fault } } }]];
    const wrapper = await opened();
    expect(wrapper.find('[role=alert]').text()).toContain(
      'Berkas ini tidak punya kolom "machine" (machine). Kolomnya: Mesin, Mulai.',
    );
  });
});
