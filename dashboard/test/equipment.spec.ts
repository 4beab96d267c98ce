import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PageSetup } from '../../nodes/access/messages.ts';
import type { WeighingView } from '../../nodes/batch/messages.ts';
import type { EquipmentFailure } from '../../nodes/equipment/messages.ts';
import { leader } from '../../test/dashboard/support/people.ts';
import { enUS } from '../catalogues/en-US.ts';
import { id } from '../catalogues/id.ts';
import { accountLanguage } from '../common/language.ts';
import { chosenLanguage } from '../common/preferences.ts';
import EquipmentPage from '../equipment/EquipmentPage.vue';
import { open, type Page } from './host.ts';

const keeper: PageSetup = { ...leader, permissions: ['equipment.read', 'equipment.acknowledge', 'batch.correct'] };
const onlooker: PageSetup = { ...leader, permissions: ['equipment.read'] };
const now = new Date('2026-11-21T04:12:00Z');

const failure: EquipmentFailure = {
  id: 17,
  plc: 'Mill',
  equipment_code: 'silo103',
  equipment_name: 'Silo C',
  description: 'START_FAILURE',
  failure_date: '2026-11-21T04:02:00.000Z',
  read_at: '2026-11-21T04:02:10.000Z',
  doubts: [],
  is_resolved: false,
  resolved_at: null,
  resolved_by: null,
  resolution_notes: null,
};
const weighing: WeighingView = {
  id: 3,
  line: 'line-1',
  batch_no: 1,
  mo_id: 'WH/MO/77777',
  product_id: 101,
  quantity: 25.5,
  read_at: '2026-11-21T04:05:00.000Z',
  reported: { mo_id: 'WH/MO/77777', product_id: 101, quantity: 25.5, doubts: [] },
  status: 'held',
  code: 'order-unknown',
  message: '25.50 kg ...',
  decided_by: null,
  decided_at: null,
  reason: null,
};
let page: Page | undefined;

const opened = (): Page => {
  if (!page) throw new Error('no page');
  return page;
};
const asked = () =>
  opened()
    .socket.sent.filter(({ event }) => event === 'widget-send')
    .map(({ args }) => args[1] as { requestId: string; payload: Record<string, unknown> });
async function answer(more: object): Promise<void> {
  const { requestId } = asked().at(-1) ?? { requestId: '' };
  await opened().tell({ topic: 'equipment/reply', payload: { requestId, ...more } });
  await opened().wrapper.vm.$nextTick();
}
const button = (name: string) => {
  const found = opened()
    .wrapper.findAll('button')
    .find((each) => each.text().includes(name));
  if (!found) throw new Error(`no button ${name}`);
  return found;
};
/** The last button of the form. */
const confirm = () => opened().wrapper.findAll('dialog .sf-form__buttons button').at(-1)?.trigger('click');
async function show(
  setup = keeper,
  failures: readonly EquipmentFailure[] = [failure],
  weighings: readonly WeighingView[] = [weighing],
): Promise<void> {
  page = open(EquipmentPage, setup, {}, {});
  await page.tell({
    topic: 'equipment/view',
    payload: { seq: 1, view: { at: now.toISOString(), failures, weighings } },
  });
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

describe('the page Equipment', () => {
  it('says that nothing is known before the first news', () => {
    page = open(EquipmentPage, keeper, {}, {});
    expect(page.wrapper.text()).toContain(id['equipment.no-view']);
  });

  it.each([
    ['id', id],
    ['en-US', enUS],
  ] as const)('shows what waits, by the name of the machine and why, in %s', async (language, words) => {
    accountLanguage.value = language;
    await show();
    const text = opened().wrapper.text();
    for (const word of ['Silo C', 'START_FAILURE', 'WH/MO/77777', words['weighing.code.order-unknown']]) {
      expect(text).toContain(word);
    }
  });

  it('acknowledges a failure with one tap, and says so', async () => {
    await show();
    await button(id['failure.acknowledge']).trigger('click');
    expect(asked()[0]?.payload).toMatchObject({ command: 'acknowledge', id: 17 });
    await answer({ ok: true, answer: { ...failure, is_resolved: true } });
    expect(opened().wrapper.text()).toContain('Silo C: kerusakan diterima.');
  });

  it('sends the right order and mass of a weighing, with a decimal comma and a reason', async () => {
    await show();
    await button(id['weighing.settle']).trigger('click');
    const [order, , mass] = opened().wrapper.findAll('dialog input');
    await order?.setValue('WH/MO/00012');
    await mass?.setValue('25,25');
    await confirm();
    expect(asked()).toEqual([]);
    expect(opened().wrapper.text()).toContain(id['confirm.reason-needed']);
    await opened().wrapper.find('dialog textarea').setValue('salah ketik');
    await confirm();
    expect(asked()[0]?.payload).toMatchObject({
      command: 'settle-weighing',
      id: 3,
      order: 'WH/MO/00012',
      productId: 101,
      kg: 25.25,
      reason: 'salah ketik',
    });
    await answer({ ok: false, code: 'order-closed', message: 'x' });
    expect(opened().wrapper.find('dialog').text()).toContain(id['weighing.code.order-closed']);
  });

  it('discards a weighing with a reason alone', async () => {
    await show();
    await button(id['weighing.settle']).trigger('click');
    await button(id['weighing.discard']).trigger('click');
    await opened().wrapper.find('dialog textarea').setValue('timbang ulang');
    await confirm();
    const payload = asked()[0]?.payload;
    expect(payload).toMatchObject({ command: 'settle-weighing', id: 3, discard: true, reason: 'timbang ulang' });
    expect(payload).not.toHaveProperty('kg');
  });

  it('refuses a mass that no scale shows before it is sent', async () => {
    await show();
    await button(id['weighing.settle']).trigger('click');
    await opened().wrapper.findAll('dialog input')[2]?.setValue('50000');
    await opened().wrapper.find('dialog textarea').setValue('x');
    await confirm();
    expect(asked()).toEqual([]);
  });

  it('offers nothing to somebody who may only look', async () => {
    await show(onlooker);
    expect(opened().wrapper.findAll('button')).toEqual([]);
  });

  it('keeps what is over apart, with who acknowledged it', async () => {
    const over = { ...failure, is_resolved: true, resolved_by: 'budi', resolved_at: now.toISOString() };
    await show(keeper, [over], [{ ...weighing, status: 'posted', code: null }]);
    const text = opened().wrapper.text();
    expect(text).toContain(id['failure.none']);
    expect(text).toContain('Diterima budi');
    expect(text).toContain(id['weighing.status.posted']);
    expect(opened().wrapper.findAll('button')).toEqual([]);
  });
});
