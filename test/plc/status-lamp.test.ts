// A node status that changes often enough to be true and seldom enough not to flood the editor.
import assert from 'node:assert/strict';
import { type Lamp, StatusLamp } from '../../nodes/plc/status-lamp.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('a status lamp', () => {
  const green = (text: string): Lamp => ({ fill: 'green', shape: 'dot', text });
  let shown: (string | undefined)[];
  let clock: ManualClock;
  let lamp: StatusLamp;

  beforeEach(() => {
    shown = [];
    clock = new ManualClock();
    lamp = new StatusLamp({ status: ({ text }) => shown.push(text) }, clock);
  });

  it('changes its text at most once a second', () => {
    lamp.show(green('1 ms'));
    lamp.show(green('2 ms'));
    clock.advance(999);
    lamp.show(green('3 ms'));
    clock.advance(1);
    lamp.show(green('4 ms'));
    assert.deepEqual(shown, ['1 ms', '4 ms']);
  });

  it('changes its colour at once', () => {
    lamp.show(green('fine'));
    lamp.show({ fill: 'yellow', shape: 'dot', text: 'doubtful' });
    assert.deepEqual(shown, ['fine', 'doubtful']);
  });

  it('words a text only when it will be shown', () => {
    let worded = 0;
    const text = () => `${++worded} ms`;
    for (let poll = 0; poll < 100; poll++) lamp.show({ fill: 'green', shape: 'dot', text });
    assert.deepEqual([shown, worded], [['1 ms'], 1]);
  });

  it('is shown again after somebody else changed it', () => {
    lamp.show(green('fine'));
    lamp.forget();
    lamp.show(green('fine'));
    assert.deepEqual(shown, ['fine', 'fine']);
  });

  it('never exceeds 20 characters', () => {
    lamp.show(green('a text that is far too long for the editor'));
    assert.equal(shown[0]?.length, 20);
  });
});
