// Every status that a PLC node can show has its text, short enough for the editor.
import assert from 'node:assert/strict';
import type { LinkState } from '../../nodes/plc/connection-contract.ts';
import read from '../../nodes/plc/locales/en-US/plc-batch-read.json' with { type: 'json' };
import write from '../../nodes/plc/locales/en-US/plc-batch-write.json' with { type: 'json' };
import simulator from '../../nodes/plc/locales/en-US/plc-simulator.json' with { type: 'json' };
import type { PlcWriteResult } from '../../nodes/plc/messages.ts';
import type { FeedMillEvent } from '../../nodes/plc/simulator/mill-messages.ts';

const linkStates: Record<LinkState['state'] | 'no-connection', true> = {
  connecting: true,
  connected: true,
  waiting: true,
  'no-connection': true,
};
const outcomes: Record<PlcWriteResult['outcome'], true> = {
  'handed-over': true,
  recognised: true,
  busy: true,
  'watch-only': true,
  refused: true,
  'first-start': true,
};
const events: Record<FeedMillEvent['event'], true> = {
  'queue-taken': true,
  'batch-started': true,
  'batch-finished': true,
  'batch-failed': true,
  stalled: true,
  resumed: true,
};

describe('the status texts of', () => {
  for (const [node, catalogue, keys] of [
    ['plc-batch-read', read['plc-batch-read'].status, Object.keys({ ...linkStates, blocks: true, doubtful: true })],
    ['plc-batch-write', write['plc-batch-write'].status, Object.keys({ ...linkStates, ...outcomes, writing: true })],
    [
      'plc-simulator',
      simulator['plc-simulator'].status,
      Object.keys({ ...events, off: true, settings: true, port: true, listening: true }),
    ],
  ] as const) {
    it(`${node} are all there, none is left over, and none is too long with its longest values`, () => {
      assert.deepEqual(Object.keys(catalogue).sort(), [...keys].sort());
      for (const text of Object.values(catalogue)) {
        const longest = text
          .replace('__port__', '65535')
          .replaceAll(/__(count|slot|doubtful)__/g, '10')
          .replace('__ms__', '1234');
        assert(longest.length <= 20, `"${longest}"`);
      }
    });
  }
});
