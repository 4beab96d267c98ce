import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BatchState } from '../../nodes/batch/messages.ts';
import { type BoardSettings, boardBatch, boardLine } from '../../nodes/dashboard/board-view.ts';
import { batch, components, lineWith, type MillLine, push } from '../../test/dashboard/support/mill.ts';
import { leader, reader } from '../../test/dashboard/support/people.ts';
import BatchBoard from '../board/BatchBoard.vue';
import { id } from '../catalogues/id.ts';
import type { WidgetInput } from '../common/host.ts';
import { accountLanguage, instant } from '../common/language.ts';
import { chosenLanguage } from '../common/preferences.ts';
import { stateWords } from '../common/state-words.ts';
import { open, type Page } from './host.ts';
import { busyBoard, settings, viewOf } from './setup-board.ts';

const now = new Date('2026-03-02T02:00:00Z');
let page: Page;

async function board(setup = leader, message: WidgetInput = busyBoard(now)): Promise<Page> {
  page = open(BatchBoard, setup);
  await page.tell(message);
  return page;
}

/** A view of one line, as the server sends it. */
const shown = (line: MillLine, more: Partial<BoardSettings> = {}): WidgetInput => ({
  topic: 'board/view',
  payload: {
    seq: 1,
    view: {
      at: now.toISOString(),
      staleAfterSeconds: 900,
      lines: [boardLine(line.monitor, line.open, { ...settings, ...more })],
    },
  },
});
const rows = () => page.wrapper.findAll('.sf-row');
const row = (slot: number) => {
  const found = rows()[slot - 1];
  if (!found) throw new Error(`no row ${slot}`);
  return found;
};
const button = (name: string) => {
  const found = page.wrapper
    .findAll('button')
    .find((each) => each.text().includes(name) || each.attributes('aria-label') === name);
  if (!found) throw new Error(`no button ${name}`);
  return found;
};
const sentRequests = () =>
  page.socket.sent
    .filter(({ event }) => event === 'widget-send')
    .map(({ args }) => args[1] as { requestId: string; payload: { command: string; commandId?: string } });
const answer = (reply: object) => {
  const { requestId } = sentRequests().at(-1) ?? { requestId: '' };
  return page.tell({ topic: 'board/reply', payload: { requestId, ...reply } });
};

beforeEach(() => {
  // Ages are judged: they must not grow with the time that the tests before took.
  vi.useFakeTimers({ now, toFake: ['Date'] });
  localStorage.clear();
  chosenLanguage.value = 'account';
  accountLanguage.value = 'id';
});
afterEach(() => {
  vi.useRealTimers();
  page.wrapper.unmount();
});

describe('the batch board', () => {
  it('says that nothing is known before the first news', () => {
    page = open(BatchBoard, leader);
    expect(page.wrapper.text()).toContain(id['board.no-data']);
  });

  it('shows ten slots, the empty one as empty, and what waits outside them', async () => {
    await board();
    expect(rows()).toHaveLength(11);
    expect(row(10).text()).toContain('Kosong');
    expect(row(11).text()).toContain('WH/MO/00036');
  });

  it.each(Object.keys(stateWords).filter((state) => state !== 'empty') as BatchState[])(
    'shows the state %s as a word with an icon',
    async (state) => {
      await board(leader, {
        topic: 'board/view',
        payload: { seq: 1, view: viewOf(lineWith([batch(now, { state })], [], { slots: 1 }), now) },
      });
      expect(row(1).text()).toContain(id[stateWords[state].key]);
      expect(row(1).find('.sf-chip .mdi').classes()).toContain(`mdi-${stateWords[state].icon}`);
    },
  );

  it('shows what is not known as a dash, never as zero', async () => {
    const unread = batch(now, { state: 'written', lastReadAt: null, components: components([100, 50], [null, null]) });
    await board(leader, {
      topic: 'board/view',
      payload: { seq: 1, view: viewOf(lineWith([unread], [], { slots: 1 }), now) },
    });
    expect(row(1).find('.sf-number').text()).toBe('–');
    expect(row(1).find('.sf-bar__fill').exists()).toBe(false);
    await row(1).trigger('click');
    const figures = page.wrapper.findAll('.sf-silos tbody tr:first-child td').map((cell) => cell.text());
    expect(figures).toEqual(['–', '100,00', '–', '–', '50,00', '–']);
  });

  it('writes kilograms as the language does', async () => {
    await board();
    await row(1).trigger('click');
    expect(page.wrapper.find('.sf-figures').text()).toContain('2.500,30');
    chosenLanguage.value = 'en-US';
    await page.wrapper.vm.$nextTick();
    expect(page.wrapper.find('.sf-figures').text()).toContain('2,500.30');
    expect(row(3).text()).toContain('Failed');
  });

  it('greys an old reading and says how old it is', async () => {
    await board();
    expect(row(6).classes()).toContain('sf-row--stale');
    expect(row(6).text()).toContain('Data lama, 26 mnt');
    expect(row(4).classes()).not.toContain('sf-row--stale');
  });

  it('lets a reading grow old without any news', async () => {
    vi.useFakeTimers({ now });
    await board();
    vi.advanceTimersByTime(16 * 60_000);
    await page.wrapper.vm.$nextTick();
    expect(row(4).classes()).toContain('sf-row--stale');
  });

  it('counts ages by the server when the clock of the tablet is wrong', async () => {
    vi.useFakeTimers({ now: now.getTime() + 6 * 3600_000 });
    await board(leader, { ...busyBoard(now), sent_at: now.toISOString() });
    expect(row(4).classes()).not.toContain('sf-row--stale');
  });

  it('names the silo that is outside the limit', async () => {
    await board();
    expect(row(2).text()).toContain('Silo B +124,0 kg');
    expect(row(1).text()).not.toContain('Silo');
  });

  it('takes changes of single slots, and asks for the whole view when it missed one', async () => {
    await board();
    const changed = { slot: 10, batch: boardBatch(batch(now, { slot: 10, order: 'WH/MO/00099' }), settings) };
    const delta = { from: 1, seq: 2, at: now.toISOString(), lines: [{ line: 'line-1', slots: [changed] }] };
    await page.tell({ topic: 'board/delta', payload: delta });
    expect(row(10).text()).toContain('WH/MO/00099');
    await page.tell({ topic: 'board/delta', payload: { ...delta, from: 5, seq: 6 } });
    expect(page.socket.sent).toContainEqual({ event: 'widget-load', args: ['widget-1'] });
  });

  it('explains what waits and offers what helps', async () => {
    await board();
    await row(2).trigger('click');
    expect(page.wrapper.find('.sf-wait--person').text()).toContain(id['wait.code.deviation']);
    expect(page.wrapper.findAll('.sf-detail__actions button').map((each) => each.text())).toEqual([
      'Kirim lagi',
      'Terima selisih',
      'Perbaiki angka',
    ]);
  });

  it("says in the reader's language why Odoo waits and when it is really tried next", async () => {
    const waiting = push(now, {
      last_error: 'transient: ECONNREFUSED',
      wait_reason: 'away',
      next_attempt_at: now.toISOString(),
    });
    const nextRun = new Date(now.getTime() + 90_000).toISOString();
    const line = (change: object, next: string | null = nextRun) =>
      shown(lineWith([batch(now, { state: 'finished', push: waiting, ...change })]), { nextRun: () => next });
    await board(leader, line({}));
    await row(1).trigger('click');
    const box = () => page.wrapper.find('.sf-wait').text();
    expect(box()).toContain(id['wait.code.away']);
    expect(box()).toContain(id['wait.next'].replace('{time}', instant(nextRun)));
    await page.tell(line({}, null));
    expect(box()).toContain(id['wait.by-hand']);
    await page.tell(line({ push: { ...waiting, status: 'pushing' } }));
    expect(box()).toContain(id['wait.sending']);
  });

  it('shows both figures of a hold, and sends what a person chooses', async () => {
    const deviations = [
      { what: 'order-quantity', expectedCentiKg: 100_000, actualCentiKg: 150_000 },
      { what: 'finished-quantity', expectedCentiKg: 150_000, actualCentiKg: 99_800 },
    ] as never;
    const held = {
      ...batch(now, {
        state: 'finished',
        push: push(now),
        hold: { code: 'quantity-changed', message: 'x', deviations },
      }),
      offers: ['accept', 'backorder', 'retry', 'correct'] as const,
    };
    await board(leader, shown(lineWith([held])));
    await row(1).trigger('click');
    const figures = page.wrapper.findAll('.sf-wait__figures li').map((each) => each.text());
    expect(figures).toEqual([
      'Dipesan: 1.500,00 kg, seharusnya 1.000,00 kg',
      'Hasil: 998,00 kg, seharusnya 1.500,00 kg',
    ]);
    await button(id['action.backorder']).trigger('click');
    const dialog = page.wrapper.find('dialog');
    await dialog.find('textarea').setValue('Sisa besok');
    await dialog.find('form').trigger('submit');
    expect(sentRequests()[0]?.payload).toMatchObject({ command: 'retry', accept: true, remainder: 'backorder' });
  });

  it('tells two orders of one name apart by the batch', async () => {
    const twin = (slot: number) => ({
      ...batch(now, { slot, state: 'queued', components: components([1, 1], []) }),
      id: `b-${slot}`,
    });
    await board(leader, shown(lineWith([twin(1), twin(2)])));
    await row(2).trigger('click');
    await button(id['action.cancel']).trigger('click');
    const dialog = page.wrapper.find('dialog');
    await dialog.find('textarea').setValue('Salah perusahaan');
    await dialog.find('form').trigger('submit');
    expect(sentRequests()[0]?.payload).toMatchObject({ command: 'cancel', order: 'b-2' });
  });

  it('shows how it ended after it was sent again', async () => {
    const waiting = (change: object) =>
      batch(now, {
        order: 'WH/MO/00039',
        state: 'finished',
        push: push(now, { attempts: 0, status: 'waiting', ...change }),
      });
    const seenAs = (change: object) => page.tell(shown(lineWith([waiting(change)])));
    const result = () => page.wrapper.find('.sf-result').text();
    await board(leader, shown(lineWith([waiting({ attempts: 4 })])));
    await row(1).trigger('click');
    await button(id['action.retry']).trigger('click');
    await page.wrapper.find('dialog form').trigger('submit');
    await answer({ ok: true });
    await seenAs({});
    expect(result()).not.toContain('WH/MO/00039');
    await seenAs({ attempts: 1, status: 'pushing' });
    expect(result()).not.toContain('WH/MO/00039');
    await seenAs({ attempts: 1, last_error: 'transient: x', wait_reason: 'away', next_attempt_at: now.toISOString() });
    expect(result()).toContain(id['sent.later'].replace('{order}', 'WH/MO/00039'));
    expect(result()).toContain(id['wait.code.away']);
  });

  it('shows no control to a person who may not use it', async () => {
    await board(reader);
    await row(2).trigger('click');
    expect(page.wrapper.find('.sf-detail__actions').exists()).toBe(false);
    expect(page.wrapper.find('.sf-tasks').exists()).toBe(false);
  });

  it('sends nothing before it is confirmed, and nothing without a reason where one is needed', async () => {
    await board();
    await row(2).trigger('click');
    await button('Terima selisih').trigger('click');
    const dialog = page.wrapper.find('dialog');
    expect(dialog.text()).toContain('Silo B +124,00 kg');
    await dialog.find('form').trigger('submit');
    expect(sentRequests()).toEqual([]);
    expect(dialog.find('[role=alert]').text()).toContain('Alasan harus diisi');
    await dialog.find('textarea').setValue('Timbangan dikalibrasi');
    await dialog.find('form').trigger('submit');
    expect(sentRequests()[0]?.payload).toMatchObject({
      command: 'retry',
      order: 'WH/MO/00039',
      accept: true,
      reason: 'Timbangan dikalibrasi',
    });
  });

  it('sends one command however often the button is pressed', async () => {
    await board();
    await row(1).trigger('click');
    await button('Kirim lagi').trigger('click');
    const form = page.wrapper.find('dialog form');
    await form.trigger('submit');
    await form.trigger('submit');
    expect(sentRequests()).toHaveLength(1);
    expect(sentRequests()[0]?.payload.commandId).toMatch(/^[0-9a-f]{32}$/);
    await answer({ ok: true });
    await vi.waitFor(() => expect(page.wrapper.find('.sf-result').text()).toContain('Diterima: Kirim lagi'));
  });

  it('tells why the server refused', async () => {
    await board();
    await row(1).trigger('click');
    await button('Kirim lagi').trigger('click');
    await page.wrapper.find('dialog form').trigger('submit');
    await answer({ ok: false, code: 'batch-has-ended', message: 'The batch has ended.' });
    await vi.waitFor(() => expect(page.wrapper.find('.sf-result--fault').text()).toContain('The batch has ended.'));
  });

  it('never claims that something was done when no answer came', async () => {
    vi.useFakeTimers({ now });
    await board();
    await button('Baca PLC').trigger('click');
    await page.wrapper.find('dialog form').trigger('submit');
    await vi.advanceTimersByTimeAsync(21_000);
    expect(page.wrapper.find('.sf-result--fault').text()).toContain(id['result.no-answer']);
  });

  it('sends nothing while it is not connected', async () => {
    await board();
    page.socket.connected = false;
    await button('Baca PLC').trigger('click');
    await page.wrapper.find('dialog form').trigger('submit');
    await vi.waitFor(() => expect(page.wrapper.find('.sf-result--fault').text()).toContain(id['result.offline']));
    expect(sentRequests()).toEqual([]);
  });

  it('takes true figures as people type them and refuses what may mean two things', async () => {
    await board();
    await row(2).trigger('click');
    await button('Perbaiki angka').trigger('click');
    const dialog = page.wrapper.find('dialog');
    const inputs = dialog.findAll('input');
    expect(inputs.map((input) => input.element.value)).toEqual([
      '1.249,60',
      '744,00',
      '379,40',
      '150,30',
      '99,80',
      '2.625,00',
    ]);
    await inputs[1]?.setValue('1.250');
    await dialog.find('textarea').setValue('Salah timbang');
    await dialog.find('form').trigger('submit');
    expect(sentRequests()).toEqual([]);
    await inputs[1]?.setValue('620,5');
    await dialog.find('form').trigger('submit');
    expect(sentRequests()[0]?.payload).toMatchObject({
      command: 'correct',
      consumptionKg: { silo_a: 1249.6, silo_b: 620.5, silo_c: 379.4, silo_d: 150.3, lq114: 99.8 },
      finishedGoodsKg: 2625,
    });
  });

  it('searches and pages the history on the server', async () => {
    vi.useFakeTimers({ now });
    await board();
    await button('Riwayat').trigger('click');
    expect(sentRequests()[0]?.payload).toEqual({ command: 'history', limit: 12, offset: 0 });
    await answer({ ok: true, history: { rows: [], total: 30, limit: 12, offset: 0 } });
    await button('Halaman berikutnya').trigger('click');
    expect(sentRequests()[1]?.payload).toEqual({ command: 'history', limit: 12, offset: 12 });
    await page.wrapper.find('input[type=search]').setValue('sapi');
    await vi.advanceTimersByTimeAsync(500);
    expect(sentRequests()[2]?.payload).toEqual({ command: 'history', limit: 12, offset: 0, search: 'sapi' });
  });

  it('says when the history could not be loaded', async () => {
    await board();
    await button('Riwayat').trigger('click');
    await answer({ ok: false, code: 'failed', message: '' });
    await vi.waitFor(() => expect(page.wrapper.text()).toContain(id['history.failed']));
  });
});
