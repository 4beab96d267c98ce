// Who is told of an alarm: the first rule that fits, one notice for each beginning, and one for a flood.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AlarmFlood, floodAfter, floodWindowMs } from '../../nodes/notify/alarm-flood.ts';
import { notificationOf, parseAlarm, reroute } from '../../nodes/notify/alarm-notification.ts';
import { defaultAlarmRules, parseAlarmRules, ruleFor } from '../../nodes/notify/alarm-rules.ts';
import type { NotifyCommand, PlantAlarm } from '../../nodes/notify/messages.ts';
import { parseNotify } from '../../nodes/notify/notify-input.ts';
import { ManualClock } from '../support/manual-clock.ts';

const since = '2026-01-05T00:03:00.000Z';
const failed: PlantAlarm = {
  code: 'batch-failed',
  active: true,
  line: 'line 1',
  orderName: 'WH/MO/00012',
  slot: '3',
  since,
  message: 'WH/MO/00012 failed in slot 3.',
};
const usual = parseAlarmRules(undefined);
const tell = () => 'tell' as const;
const rule = (codes: string, more: object = {}) => ({
  codes,
  tell: 'supervisor',
  severity: 'warning',
  ended: false,
  ...more,
});

describe('the rules of alarms', () => {
  it('are tried in their order: a code, a beginning, everything', () => {
    const rules = parseAlarmRules([
      rule('slot-unreadable', { tell: 'maintenance' }),
      rule('slot-*', { tell: 'user:Budi, department:production' }),
      rule('*'),
    ]);
    const told = (code: string) => ruleFor(rules, code)?.recipients;
    assert.deepEqual(told('slot-unreadable'), { roles: ['maintenance'], departments: [], users: [] });
    assert.deepEqual(told('slot-implausible'), { roles: [], departments: ['production'], users: ['budi'] });
    assert.deepEqual(told('machine_unknown'), { roles: ['supervisor'], departments: [], users: [] });
  });

  it('of a new node fit every code there can be, and name the administrator', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,59}$/), (code) => {
        const found = ruleFor(usual, code);
        assert.ok(found && found.severity !== 'silent' && found.recipients.roles?.includes('admin'), code);
      }),
    );
  });

  it('are the usual ones where a node has none', () => {
    assert.deepEqual(parseAlarmRules([]), parseAlarmRules(defaultAlarmRules));
  });

  it('are refused with every fault named', () => {
    assert.throws(
      () =>
        parseAlarmRules([
          rule(''),
          rule('Slot *'),
          rule('*', { tell: 'everybody' }),
          rule('*', { tell: '' }),
          rule('*', { severity: 'loud' }),
        ]),
      ({ message }: Error) =>
        ['rules[0].codes', 'rules[1].codes', 'rules[2].tell: "everybody"', 'rules[3].tell', 'rules[4].severity'].every(
          (fault) => message.includes(fault),
        ),
    );
    assert.throws(() => parseAlarmRules(Array(51).fill(rule('*'))), /at most 50/);
  });

  it('tell a silent alarm to no person, and its end only where a rule says so', () => {
    const rules = parseAlarmRules([
      rule('batch-*', { severity: 'silent', tell: '' }),
      rule('slot-*'),
      rule('task-*', { ended: true, severity: 'alarm' }),
    ]);
    assert.equal(notificationOf(failed, rules, tell), undefined);
    assert.equal(notificationOf({ ...failed, code: 'slot-unreadable', active: false }, rules, tell), undefined);
    const over = notificationOf({ ...failed, code: 'task-failing', active: false }, rules, tell);
    assert.match(over?.title ?? '', /^Selesai \/ Over: /);
    assert.equal(over?.severity, 'info');
    assert.equal(notificationOf({ ...failed, code: 'other' }, rules, tell), undefined);
  });
});

describe('the notification of an alarm', () => {
  const of = (more: Partial<PlantAlarm> = {}) =>
    notificationOf({ ...failed, ...more }, usual, tell) ?? assert.fail('told to nobody');

  it('says in both languages what it is, about which order, and what to do', () => {
    const { title, body, severity, type, link } = of();
    assert.equal(title, 'Batch gagal / Batch failed: WH/MO/00012');
    assert.equal(body, failed.message);
    assert.deepEqual([severity, type, link], ['warning', 'batch_failed', '/dashboard/batches']);
  });

  it('names the slot where there is no order, and a code that is new by its name', () => {
    const { orderName: _, ...slotOnly } = failed;
    const command = notificationOf({ ...slotOnly, code: 'silo-on-fire' }, usual, tell);
    assert.equal(command?.title, 'Alarm silo-on-fire: line 1 slot 3');
  });

  it('is told once for one beginning, and apart for two slots, lines or instants', () => {
    const keys = [
      of(),
      of({ line: 'line 2' }),
      of({ key: 'a' }),
      of({ key: 'b' }),
      of({ since: '2026-01-05T00:04:00.000Z' }),
    ].map(({ dedupeKey }) => dedupeKey);
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(of().dedupeKey, keys[0]);
    const long = (end: string) => of({ key: 'x'.repeat(300) + end }).dedupeKey;
    assert.notEqual(long('1'), long('2'));
  });

  it('is one that the node notify takes, whatever the alarm says of itself', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            code: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/),
            active: fc.constant(true),
            since: fc.constant(since),
            message: fc.string({ maxLength: 6000 }),
            line: fc.string({ maxLength: 300 }),
            orderName: fc.option(fc.string({ maxLength: 300 })),
            slot: fc.option(fc.nat(20)),
            key: fc.string({ maxLength: 300 }),
          },
          { requiredKeys: ['code', 'active', 'since'] },
        ),
        (alarm) => {
          const command = notificationOf(parseAlarm(alarm), usual, tell) ?? assert.fail('told to nobody');
          assert.equal(parseNotify(command).command, 'notify');
        },
      ),
    );
  });

  it('is refused for what is no alarm, with every fault named', () => {
    assert.throws(
      () => parseAlarm({ code: 'a b', since: 'now' }),
      ({ message }: Error) => ['code', 'since', 'active'].every((field) => message.includes(field)),
    );
  });

  it('of a room that wrote it itself goes to those whom a rule names for its type, and else unchanged', () => {
    const notice: NotifyCommand = {
      command: 'notify',
      type: 'machine_unknown',
      title: 'C_FL104',
      severity: 'warning',
      recipients: { roles: ['supervisor'], machines: ['C_FL104'] },
    };
    assert.deepEqual(reroute(notice, usual), notice);
    const own = parseAlarmRules([rule('machine-*', { tell: 'maintenance', severity: 'info' }), rule('*')]);
    assert.deepEqual(reroute(notice, own), {
      ...notice,
      severity: 'info',
      recipients: { roles: ['maintenance'], departments: [], users: [], machines: ['C_FL104'] },
    });
    assert.equal(reroute(notice, parseAlarmRules([rule('machine-unknown', { severity: 'silent' })])), undefined);
  });
});

describe('a flood of alarms', () => {
  it('is one notice after ten of a code in ten minutes, and other codes go on', () => {
    const clock = new ManualClock();
    const flood = new AlarmFlood(clock);
    const verdicts = Array.from({ length: 30 }, () => flood.judge('order-refused'));
    assert.deepEqual(verdicts.slice(0, floodAfter), Array(floodAfter).fill('tell'));
    assert.deepEqual(verdicts.slice(floodAfter), ['summary', ...Array(19).fill('hold')]);
    assert.equal(flood.judge('batch-failed'), 'tell');
    clock.advance(floodWindowMs);
    assert.equal(flood.judge('order-refused'), 'tell');
  });

  it('of thousands of different codes does not grow without end', () => {
    const flood = new AlarmFlood(new ManualClock());
    for (let code = 0; code < 5000; code += 1) assert.equal(flood.judge(`code-${code}`), 'tell');
  });
});
