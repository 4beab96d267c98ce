import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PageSetup } from '../../nodes/access/messages.ts';
import { card, factory, oeeWith, reasons, shiftRows } from '../../test/dashboard/support/machines.ts';
import { leader } from '../../test/dashboard/support/people.ts';
import { id } from '../catalogues/id.ts';
import { accountLanguage } from '../common/language.ts';
import { chosenLanguage } from '../common/preferences.ts';
import ProductionPage from '../production/ProductionPage.vue';
import { attentionOf, behindBy, lookOf, machineStateWords, wordOfCard } from '../production/production-words.ts';
import { open, type Page } from './host.ts';

vi.mock('../charts/echarts.ts', () => ({ drawOn: () => ({ show() {}, resize() {}, valuesAt() {}, dispose() {} }) }));

const supervisor: PageSetup = {
  ...leader,
  permissions: [...leader.permissions, 'production.read', 'production.all-machines', 'production.reason'],
};
const operator: PageSetup = {
  ...leader,
  user: { ...leader.user, roles: ['operator'], departments: ['production'], machines: ['C_FL102'] },
  permissions: ['production.read', 'production.reason'],
};
const onlooker: PageSetup = { ...leader, permissions: ['production.read'] };
const now = new Date('2026-11-21T04:12:00Z');
let page: Page;

const sent = () =>
  page.socket.sent
    .filter(({ event }) => event === 'widget-send')
    .map(({ args }) => args[1] as { requestId: string; payload: { command: string; commandId?: string } });
const ask = (command: string) => sent().filter(({ payload }) => payload.command === command);
async function answer(command: string, body: unknown, ok = true): Promise<void> {
  const { requestId } = ask(command).at(-1) ?? { requestId: '' };
  const payload = ok ? { requestId, ok, answer: body } : { requestId, ok, ...(body as object) };
  await page.tell({ topic: 'production/reply', payload });
  await page.wrapper.vm.$nextTick();
}
const button = (name: string) => {
  const found = page.wrapper.findAll('button').find((each) => each.text().includes(name));
  if (!found) throw new Error(`no button ${name}`);
  return found;
};
async function show(view = factory(now), setup = supervisor): Promise<void> {
  page = open(ProductionPage, setup);
  await page.tell({ topic: 'production/view', payload: { seq: 1, view } });
  await answer('reasons', reasons);
}
const oneMachine = (parts: Parameters<typeof card>[1] = {}) => ({ at: now.toISOString(), cards: [card(now, parts)] });

beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  localStorage.clear();
  chosenLanguage.value = 'account';
  accountLanguage.value = 'id';
});
afterEach(() => {
  page.wrapper.unmount();
  vi.useRealTimers();
});

describe('the page Production', () => {
  it('says that nothing is known before the first news', () => {
    page = open(ProductionPage, supervisor);
    expect(page.wrapper.text()).toContain(id['production.no-view']);
  });

  it('shows each machine with state, time in it, pieces against target and OEE', async () => {
    await show();
    const first = page.wrapper.findAll('.sf-machine')[0]?.text() ?? '';
    for (const words of ['Flexo 1', 'Berjalan', '45 mnt', '11.021', 'dari 18.000', '11.300', '2.480', '198', '75 %']) {
      expect(first).toContain(words);
    }
  });

  it('shows what is not known as a dash, never as zero', async () => {
    await show();
    const baler = page.wrapper.findAll('.sf-machine').find((each) => each.text().includes('Baler'));
    expect(baler?.findAll('dd').map((figure) => figure.text())).toEqual(['–', '–', '–']);
    expect(baler?.find('.sf-target__made').text()).toBe('–');
  });

  it('greys a silent machine and says since when', async () => {
    await show();
    const silent = page.wrapper.findAll('.sf-machine').find((each) => each.text().includes('Flexo 4'));
    expect(silent?.classes()).toContain('sf-machine--old');
    expect(silent?.text()).toContain('Kabar terakhir 26 mnt yang lalu');
  });

  it('narrows to what needs somebody', async () => {
    await show();
    await button(id['production.filter.silent']).trigger('click');
    expect(page.wrapper.findAll('.sf-machine')).toHaveLength(1);
  });

  it('takes changes of single machines, and asks for the whole view when it missed one', async () => {
    await show();
    const changed = card(now, { name: 'Flexo satu' });
    await page.tell({
      topic: 'production/delta',
      payload: { from: 1, seq: 2, changed: [changed], rest: { at: now.toISOString() } },
    });
    expect(page.wrapper.text()).toContain('Flexo satu');
    expect(page.wrapper.findAll('.sf-machine')).toHaveLength(8);
    await page.tell({
      topic: 'production/delta',
      payload: { from: 7, seq: 8, changed: [], rest: { at: now.toISOString() } },
    });
    expect(page.socket.sent).toContainEqual({ event: 'widget-load', args: ['widget-1'] });
  });

  it('lets a running clock tick by the time of the server', async () => {
    await show(oneMachine());
    expect(page.wrapper.find('.sf-case__clock').text()).toBe('00:45:00');
    await vi.advanceTimersByTimeAsync(3000);
    expect(page.wrapper.find('.sf-case__clock').text()).toBe('00:45:03');
  });

  it('shows OEE with its formulas, and no OEE without an ideal rate', async () => {
    await show(oneMachine());
    expect(page.wrapper.findAll('.sf-kpi__value').map((value) => value.text())).toEqual([
      '91,2 %',
      '83,8 %',
      '98,2 %',
      '75,1 %',
    ]);
    expect(page.wrapper.text()).toContain('= (11.021 − 198) / 11.021');
    const undefinedOee = factory(now).cards[5]?.oee ?? null;
    await page.tell({ topic: 'production/view', payload: { seq: 2, view: oneMachine({ oee: undefinedOee }) } });
    expect(page.wrapper.findAll('.sf-kpi__value').map((value) => value.text())).toEqual(['91,2 %', '–', '98,2 %', '–']);
    expect(page.wrapper.text()).toContain(id['oee.no-ideal']);
    const odd = oeeWith({
      production: 4,
      defects: 6,
      quality: null,
      oee: null,
      undefinedReason: 'defects-exceed-production',
    });
    await page.tell({ topic: 'production/view', payload: { seq: 3, view: oneMachine({ oee: odd }) } });
    expect(page.wrapper.findAll('.sf-kpi__value').map((value) => value.text())).toEqual(['91,2 %', '83,8 %', '–', '–']);
    expect(page.wrapper.text()).toContain('Cacat (6) lebih banyak dari jumlah (4)');
  });

  it('compares the last shifts, and tries again after a refusal', async () => {
    await show(oneMachine());
    await answer('shifts', { code: 'failed', message: 'The database is away.' }, false);
    expect(page.wrapper.text()).toContain('The database is away.');
    await button(id['history.try-again']).trigger('click');
    await answer('shifts', shiftRows(now));
    expect(page.wrapper.text()).toContain('12.210');
    expect(page.wrapper.text()).toContain(id['shifts.corrected']);
  });

  it('gives a stop its reason with one command however often it is tapped', async () => {
    const stopped = factory(now).cards[1];
    await show({ at: now.toISOString(), cards: stopped ? [stopped] : [] });
    await button(id['reason.give']).trigger('click');
    await button('Bahan habis').trigger('click');
    await button('Bahan habis').trigger('click');
    expect(ask('reason')).toHaveLength(1);
    expect(ask('reason')[0]?.payload).toMatchObject({ machine: 'C_FL102', reason: 'MATERIAL_SHORTAGE' });
    await answer('reason', {});
    expect(page.wrapper.find('[role=status]').text()).toContain('Flexo 2: Bahan habis dicatat');
  });

  it('repeats the same command when no answer came, so that the reason is stored once', async () => {
    const stopped = factory(now).cards[1];
    await show({ at: now.toISOString(), cards: stopped ? [stopped] : [] });
    await button(id['reason.give']).trigger('click');
    await button('Bahan habis').trigger('click');
    await vi.advanceTimersByTimeAsync(21_000);
    expect(page.wrapper.find('dialog').text()).toContain(id['result.no-answer']);
    await button('Bahan habis').trigger('click');
    const [first, second] = ask('reason');
    expect(second?.payload.commandId).toBe(first?.payload.commandId);
  });

  it('asks for the reason under the card of a stopped machine: two taps from the list', async () => {
    await show();
    await button(id['reason.give']).trigger('click');
    await button('Bahan habis').trigger('click');
    expect(ask('reason')[0]?.payload).toMatchObject({ machine: 'C_FL102', reason: 'MATERIAL_SHORTAGE' });
    expect(ask('reason')[0]?.payload).not.toHaveProperty('previous');
  });

  it('asks an operator about the own machines only', async () => {
    const view = factory(now);
    const twice = view.cards.map((each) => (each.machine === 'C_FL102' ? { ...each, machine: 'C_FL109' } : each));
    await show({ ...view, cards: [...view.cards, ...twice.filter(({ machine }) => machine === 'C_FL109')] }, operator);
    const asked = page.wrapper.findAll('button').filter((each) => each.text().includes(id['reason.give']));
    expect(asked).toHaveLength(1);
    await button(id['reason.give']).trigger('click');
    await button('Bahan habis').trigger('click');
    expect(ask('reason')[0]?.payload).toMatchObject({ machine: 'C_FL102' });
  });

  it('shows what somebody else said meanwhile, and changes it only when asked again', async () => {
    await show();
    await button(id['reason.give']).trigger('click');
    const span = factory(now).cards[1]?.timeline.at(-1);
    await button('Bahan habis').trigger('click');
    await answer('reason', { code: 'reason-changed', message: '' }, false);
    expect(ask('timeline')[0]?.payload).toMatchObject({ machine: 'C_FL102', from: span?.start });
    await answer('timeline', [{ ...span, reason: 'SETUP', reason_by: 'Budi' }]);
    const dialog = page.wrapper.find('dialog');
    expect(dialog.text()).toContain(id['result.code.reason-changed']);
    expect(dialog.text()).toContain('Budi');
    await button('Bahan habis').trigger('click');
    const [first, second] = ask('reason');
    expect(second?.payload).toMatchObject({ reason: 'MATERIAL_SHORTAGE', previous: 'SETUP' });
    expect(second?.payload.commandId).not.toBe(first?.payload.commandId);
  });

  describe('and an OEE of a short time', () => {
    const minuteMs = 60_000;
    const made = (runningMinutes: number, production: number, stoppedMinutes = 0) => {
      const runningMs = runningMinutes * minuteMs;
      const effectiveness = (production * 60 * minuteMs) / (3000 * runningMs);
      const time = {
        totalMs: runningMs,
        plannedStopMs: 0,
        runningMs,
        unplannedStopMs: stoppedMinutes * minuteMs,
        unknownMs: 0,
      };
      const availability = runningMinutes / (runningMinutes + stoppedMinutes);
      return oeeWith({
        availability,
        effectiveness,
        quality: 1,
        oee: availability * effectiveness,
        production,
        defects: 0,
        time,
      });
    };
    const kpis = () => page.wrapper.findAll('.sf-kpi__value').map((kpi) => kpi.text());

    it('shows none before a message more or less makes no difference', async () => {
      // 105 %: a hundred seconds at the ideal rate, and the pieces of the message that began them.
      await show(oneMachine({ oee: made(100 / 60, 87.5) }));
      expect(kpis()).toEqual(['100,0 %', '–', '100,0 %', '–']);
      expect(page.wrapper.text()).toContain(id['oee.early'].replace('{span}', '10 mnt'));
      expect(page.wrapper.text()).not.toContain('105');
    });

    it('shows it of a machine that stood for longer, and 0 of one that never ran', async () => {
      await show(oneMachine({ oee: made(5, 240, 95) }));
      expect(kpis()).toEqual(['5,0 %', '–', '100,0 %', '4,8 %']);
      page.wrapper.unmount();
      const time = { totalMs: minuteMs, plannedStopMs: 0, runningMs: 0, unplannedStopMs: minuteMs, unknownMs: 0 };
      await show(
        oneMachine({
          oee: oeeWith({ availability: 0, effectiveness: null, quality: null, oee: 0, time, production: 0 }),
        }),
      );
      expect(kpis().at(-1)).toBe('0,0 %');
    });

    it('says that the ideal rate is too low where more is made for longer than a message can explain', async () => {
      const tooLow = id['oee.ideal-low'].replace('{ideal}', '3.000');
      await show(oneMachine({ oee: made(60, 3150) }));
      expect(kpis()[1]).toBe('105,0 %');
      expect(page.wrapper.text()).toContain(tooLow);
      page.wrapper.unmount();
      await show(oneMachine({ oee: made(60, 3010) }));
      expect(page.wrapper.text()).not.toContain(tooLow);
    });

    it('sets no pieces of a silence against the time that is known, and says how many they are', async () => {
      const told = id['oee.unheard'].replace('{count}', '70.000');
      await show(oneMachine({ oee: { ...made(60, 2700), production: 72_700, unheard: 70_000 } }));
      expect(kpis()[1]).toBe('90,0 %');
      expect(page.wrapper.text()).toContain('= 2.700 / (3.000 × 1)');
      expect(page.wrapper.text()).toContain(told);
      expect(page.wrapper.text()).not.toContain(id['oee.ideal-low'].replace('{ideal}', '3.000'));
      page.wrapper.unmount();
      await show(oneMachine({ oee: made(60, 2700) }));
      expect(page.wrapper.text()).not.toContain(told);
    });
  });

  describe('and its quarantine', () => {
    const keeper: PageSetup = {
      ...supervisor,
      permissions: [...supervisor.permissions, 'production.quarantine-read', 'production.quarantine'],
    };
    const message = (number: number, parts: object = {}) => ({
      id: number,
      source: 'shopfloor/machines/C_FL102/status',
      machine: 'C_FL102',
      code: 'absurd-jump',
      message: '9000 pieces in 5 s',
      raw: '{"cumulative_production": 9000}',
      cut: false,
      arrived_at: now.toISOString(),
      status: 'waiting',
      attempts: 0,
      ...parts,
    });
    const openPanel = async (setup: PageSetup, messages: readonly object[], waiting = messages.length) => {
      await show(factory(now), setup);
      await answer('quarantine', { groups: [], waiting, messages: messages.slice(0, 1) });
      await button(`${id['quarantine.open']} (${waiting})`).trigger('click');
      await answer('quarantine', { groups: [], waiting, messages });
    };
    const dialog = () => page.wrapper.find('dialog');

    it('says how many wait, why, and what they said', async () => {
      await openPanel(keeper, [message(7), message(6, { code: 'sun-spots', cut: true, machine: null })], 31);
      expect(dialog().text()).toContain('31');
      expect(dialog().text()).toContain(id['quarantine.code.absurd-jump']);
      expect(dialog().text()).toContain(id['quarantine.code.other']);
      expect(dialog().find('pre').text()).toContain('"cumulative_production": 9000');
      const again = dialog()
        .findAll('button')
        .filter((each) => each.text().includes(id['quarantine.replay']));
      expect(again.map((each) => each.attributes('disabled') !== undefined)).toEqual([false, true]);
      await button(id['quarantine.more']).trigger('click');
      expect(ask('quarantine').at(-1)?.payload).toMatchObject({ before: 6 });
    });

    it('counts on while the page is open, and shows new messages when asked to', async () => {
      await openPanel(keeper, [message(7)]);
      const news = (seq: number, waiting: number, newest: number) =>
        page.tell({
          topic: 'production/delta',
          payload: {
            from: seq - 1,
            seq,
            changed: [],
            rest: { at: now.toISOString(), quarantine: { waiting, newest } },
          },
        });
      await news(2, 1, 7);
      expect(dialog().text()).not.toContain(id['quarantine.newer']);
      await news(3, 41, 47);
      expect(page.wrapper.text()).toContain(`${id['quarantine.open']} (41)`);
      expect(dialog().text()).toContain(`41 ${id['quarantine.waiting']}`);
      await button(id['quarantine.newer']).trigger('click');
      await answer('quarantine', { groups: [], waiting: 41, messages: [message(47), message(7)] });
      expect(dialog().text()).toContain('#47');
      expect(dialog().text()).not.toContain(id['quarantine.newer']);
    });

    it('judges a message again and tells what became of it', async () => {
      await openPanel(keeper, [message(7)]);
      await button(id['quarantine.replay']).trigger('click');
      expect(ask('replay')[0]?.payload).toMatchObject({ id: 7 });
      await answer('replay', { status: 'waiting' });
      expect(dialog().text()).toContain(id['quarantine.refused-again'].replace('{id}', '7'));
      await answer('quarantine', { groups: [], waiting: 1, messages: [message(7)] });
      await button(id['quarantine.replay']).trigger('click');
      await answer('replay', { status: 'replayed' });
      await answer('quarantine', { groups: [], waiting: 0, messages: [] });
      expect(dialog().text()).toContain(id['quarantine.replayed'].replace('{id}', '7'));
      expect(dialog().text()).toContain(id['quarantine.none']);
      const [first, second] = ask('replay');
      expect(second?.payload.commandId).not.toBe(first?.payload.commandId);
    });

    it('discards a message only with a reason', async () => {
      await openPanel(keeper, [message(7)]);
      await button(id['quarantine.dismiss']).trigger('click');
      const form = page.wrapper.findAll('dialog')[1];
      await form?.find('form').trigger('submit');
      expect(ask('dismiss')).toHaveLength(0);
      await form?.find('textarea').setValue('uji coba');
      await form?.find('form').trigger('submit');
      expect(ask('dismiss')[0]?.payload).toMatchObject({ id: 7, reason: 'uji coba' });
      await answer('dismiss', {});
      expect(page.wrapper.findAll('dialog')).toHaveLength(1);
    });

    it('is looked at, not decided, by maintenance, and not shown to an operator', async () => {
      const looker = { ...supervisor, permissions: [...supervisor.permissions, 'production.quarantine-read'] };
      await openPanel(looker, [message(7)]);
      expect(dialog().text()).not.toContain(id['quarantine.replay']);
      page.wrapper.unmount();
      await show(factory(now), supervisor);
      expect(page.wrapper.text()).not.toContain(id['quarantine.open']);
      expect(ask('quarantine')).toHaveLength(0);
    });
  });

  it('says why something was refused in the language of the page', async () => {
    const [, stopped] = factory(now).cards;
    await show({ at: now.toISOString(), cards: stopped ? [stopped] : [] });
    for (const code of ['stop-unknown', 'no-stop', 'machine-unknown', 'settings-wrong', 'store-missing'] as const) {
      await button(id['reason.give']).trigger('click');
      await button('Bahan habis').trigger('click');
      await answer('reason', { code, message: 'An English sentence.' }, false);
      expect(page.wrapper.find('dialog').text()).toContain(id[`result.code.${code}`]);
      expect(page.wrapper.find('dialog').text()).not.toContain('An English sentence.');
      await button(id['confirm.no']).trigger('click');
    }
  });

  it('offers no reason to somebody who may only look', async () => {
    const stopped = factory(now).cards[1];
    await show({ at: now.toISOString(), cards: stopped ? [stopped] : [] }, onlooker);
    expect(page.wrapper.text()).not.toContain(id['reason.give']);
    expect(page.wrapper.findAll('button.sf-stop')).toHaveLength(0);
  });

  it('speaks English when it is asked to', async () => {
    await show(oneMachine());
    chosenLanguage.value = 'en-US';
    await page.wrapper.vm.$nextTick();
    expect(page.wrapper.text()).toContain('Running');
    expect(page.wrapper.text()).toContain('11,021');
  });
});

describe('what a machine asks for', () => {
  it('is nothing while it runs on target or stands as planned', () => {
    const [running, , planned] = factory(now).cards;
    expect(running && [...attentionOf(running)]).toEqual([]);
    expect(planned && [...attentionOf(planned)]).toEqual([]);
  });

  it('is a look when it is stopped, silent, behind or unexplained', () => {
    const [, stopped, , silent] = factory(now).cards;
    expect(stopped && [...attentionOf(stopped)].sort()).toEqual(['behind', 'reason', 'stopped']);
    expect(silent && attentionOf(silent).has('silent')).toBe(true);
  });

  it('is behind only beyond the rhythm of the work', () => {
    const made = (production: number) =>
      card(now, { shift: { ...(card(now).shift as never as object), production } as never });
    expect(behindBy(made(10_800))).toBeNull();
    expect(behindBy(made(10_000))).toBe(1300);
    expect(behindBy(card(now, { target_by_now: null }))).toBeNull();
  });

  it('has a word for every state, and an old state is no state', () => {
    for (const word of Object.values(machineStateWords)) expect(id[word.key]).toBeTruthy();
    expect(wordOfCard(card(now, { stale: true })).key).toBe('machine.stale');
    expect(wordOfCard(card(now, { state: 'polishing' as never })).key).toBe('machine.other');
  });

  it('looks different for running, planned, stopped, faulty and unknown', () => {
    const looks = [
      lookOf({ state: 'running', planned: false }),
      lookOf({ state: 'idle', planned: true }),
      lookOf({ state: 'stopped', planned: false }),
      lookOf({ state: 'error', planned: false }),
      lookOf({ state: 'offline', planned: false }),
      lookOf({ state: 'setup', planned: false }),
    ];
    expect(new Set(looks).size).toBe(looks.length);
  });
});
