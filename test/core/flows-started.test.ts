import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { onFlowsStarted } from '../../nodes/core/flows-started.ts';

describe('what begins when the flows have started', () => {
  it('begins once, by one listener for any number of nodes', () => {
    const events = new EventEmitter();
    const begun: number[] = [];
    const forget = Array.from({ length: 30 }, (_, index) => onFlowsStarted(events, () => begun.push(index)));
    assert.equal(events.listenerCount('flows:started'), 1);
    forget[3]?.();
    events.emit('flows:started');
    events.emit('flows:started');
    assert.equal(begun.length, 29);
    assert.ok(!begun.includes(3));
  });

  it('begins at the next start for a node of a later deploy', () => {
    const events = new EventEmitter();
    let begun = 0;
    onFlowsStarted(events, () => {
      begun += 1;
      onFlowsStarted(events, () => {
        begun += 10;
      });
    });
    events.emit('flows:started');
    assert.equal(begun, 1);
    events.emit('flows:started');
    assert.equal(begun, 11);
  });
});
