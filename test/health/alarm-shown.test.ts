// The shipped flow shows an alarm when it changes, not with the next look of its clock.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node, NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import healthTrigger from '../../nodes/health/health-trigger.ts';
import type { HealthView } from '../../nodes/health/messages.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';

const require = createRequire(import.meta.url);
const change = require('@node-red/nodes/core/function/15-change.js') as NodeInitializer;

interface FlowNode {
  readonly id: string;
  readonly wires?: readonly (readonly string[])[];
}

describe('an alarm on the page', () => {
  const directory = mkdtempSync(join(tmpdir(), 'shopfloor-alarm-shown-'));
  before(async () => {
    helper.init(require.resolve('node-red'));
    await helper.startServer();
  });
  after(async () => {
    await helper.unload();
    await helper.stopServer();
    rmSync(directory, { recursive: true, force: true });
  });

  it('comes with its transition and goes on with its acknowledgement', async () => {
    const shipped = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../flows/production-health.json'), 'utf8'),
    ) as readonly FlowNode[];
    const taken = (id: string) => shipped.find((node) => node.id === id) ?? assert.fail(`${id} is not in the flow`);
    const health = taken('component-health');
    const known = ['health-look-again', 'health-to-whom'];
    await helper.load([shopfloorStore, healthTrigger, change], [
      { id: 'production-health', type: 'tab' },
      { id: 'plant-store', type: 'shopfloor-store', url: `sqlite:${join(directory, 'a.sqlite')}` },
      {
        ...health,
        onDelaySeconds: '0',
        onSamples: '1',
        smoothingSeconds: '0',
        wires: health.wires?.map((targets) => targets.filter((id) => known.includes(id))),
      },
      taken('health-look-again'),
      { id: 'health-to-whom', type: 'helper', z: 'production-health' },
    ] as never);
    const node = (id: string): Node => helper.getNode(id);
    const shown = async (condition: (view: HealthView) => boolean): Promise<HealthView> => {
      for (;;) {
        const [message] = (await once(node('health-to-whom'), 'input')) as [{ topic: string; payload: HealthView }];
        if (message.topic === 'health/view' && condition(message.payload)) return message.payload;
      }
    };
    const stateOf = ({ alarms }: HealthView) => alarms.find(({ component }) => component === 'Feeder')?.state;
    const raised = shown((view) => stateOf(view) === 'unacknowledged');
    const measure = { machine: 'C_FL104', name: 'oee', value: 0, at: new Date().toISOString(), quality: 'good' };
    node('component-health').receive({ topic: 'health/measure', payload: measure } as never);
    await raised;
    const acknowledged = shown((view) => stateOf(view) === 'acknowledged');
    const payload = { command: 'acknowledge', machine: 'C_FL104', component: 'Feeder' };
    node('component-health').receive({ payload } as never);
    await acknowledged;
  });
});
