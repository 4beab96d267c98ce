import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import type { Node, NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import { vouchFor } from '../../nodes/access/actor.ts';
import userAdmin from '../../nodes/access/user-admin.ts';
import moBatch from '../../nodes/batch/mo-batch.ts';
import ctpProblemLog from '../../nodes/ctp/ctp-problem-log.ts';
import uiBatchBoard from '../../nodes/dashboard/ui-batch-board.ts';
import uiCtpLog from '../../nodes/dashboard/ui-ctp-log.ts';
import uiProduction from '../../nodes/dashboard/ui-production.ts';
import healthTrigger from '../../nodes/health/health-trigger.ts';
import repairEstimate from '../../nodes/health/repair-estimate.ts';
import notify from '../../nodes/notify/notify.ts';
import odooConnection from '../../nodes/odoo/odoo-connection.ts';
import odooMoSync from '../../nodes/odoo/odoo-mo-sync.ts';
import odooSimulator from '../../nodes/odoo/odoo-simulator.ts';
import plcBatchRead from '../../nodes/plc/plc-batch-read.ts';
import plcConnection from '../../nodes/plc/plc-connection.ts';
import plcSimulator from '../../nodes/plc/plc-simulator.ts';
import cumulativeTracker from '../../nodes/production/cumulative-tracker.ts';
import machineStatusIn from '../../nodes/production/machine-status-in.ts';
import productionOee from '../../nodes/production/production-oee.ts';
import sensorSimulator from '../../nodes/production/sensor-simulator.ts';
import taskClock from '../../nodes/scheduler/task-clock.ts';

interface Case {
  readonly type: string;
  readonly register: ((RED: NodeAPI) => void) | readonly ((RED: NodeAPI) => void)[];
  /** Properties at fault; the rest is as a flow without them. */
  readonly wrong: object;
  readonly payload: unknown;
  /** Part of the answer: the setting by its name, or what is missing. */
  readonly says: RegExp;
  /** Further nodes of the flow. */
  readonly beside?: readonly object[];
  readonly replyOutput?: number;
}

const clock = { task: 1, title: 'Fetch', interval: '60', intervalUnit: 'minutes', enabled: 'true', timeout: 600 };
const noAccess = /runs without shopfloorAccess/;
const cases: readonly Case[] = [
  {
    type: 'task-clock',
    register: taskClock,
    wrong: { ...clock, enabled: 'perhaps' },
    payload: { command: 'run' },
    says: /enabled/,
    replyOutput: 1,
  },
  {
    type: 'task-clock',
    register: taskClock,
    wrong: { ...clock, interval: 'often' },
    payload: { command: 'status' },
    says: /interval: "often" is not a number from 0\.001 to 34560 minutes/,
    replyOutput: 1,
  },
  { type: 'notify', register: notify, wrong: {}, payload: { command: 'notify' }, says: noAccess },
  { type: 'user-admin', register: userAdmin, wrong: {}, payload: { command: 'list' }, says: noAccess },
  { type: 'mo-batch', register: moBatch, wrong: { slots: '11' }, payload: { command: 'list' }, says: /slots/ },
  {
    type: 'ctp-problem-log',
    register: ctpProblemLog,
    wrong: { timeZone: 'Mars' },
    payload: { command: 'machines' },
    says: /timeZone/,
  },
  {
    type: 'production-oee',
    register: productionOee,
    wrong: { reasonMinutes: 'x' },
    payload: { command: 'current' },
    says: /reasonMinutes/,
  },
  {
    type: 'cumulative-tracker',
    register: cumulativeTracker,
    wrong: { gapMinutes: 'x' },
    payload: { command: 'totals' },
    says: /gapMinutes/,
  },
  { type: 'machine-status-in', register: machineStatusIn, wrong: { url: 'http://broker' }, payload: {}, says: /url/ },
  {
    type: 'health-trigger',
    register: healthTrigger,
    wrong: { threshold: 'x' },
    payload: { command: 'list' },
    says: /threshold/,
  },
  {
    type: 'repair-estimate',
    register: repairEstimate,
    wrong: { timeZone: 'Mars' },
    payload: { command: 'stops' },
    says: /timeZone/,
  },
  {
    type: 'odoo-mo-sync',
    register: odooMoSync,
    wrong: { equipmentPattern: '(' },
    payload: { command: 'status' },
    says: /equipmentPattern/,
  },
  {
    type: 'odoo-mo-sync',
    register: [odooMoSync, odooConnection],
    wrong: { connection: 'odoo' },
    payload: { command: 'status' },
    says: /ODOO_URL.*ODOO_DB/,
    beside: [{ id: 'odoo', type: 'odoo-connection' }],
  },
  {
    type: 'plc-batch-read',
    register: [plcBatchRead, plcConnection],
    wrong: { plc: 'plc' },
    payload: {},
    says: /PLC_URL is not set/,
    beside: [{ id: 'plc', type: 'plc-connection', url: `\${PLC_URL}` }],
  },
  { type: 'plc-simulator', register: plcSimulator, wrong: { port: 'x' }, payload: {}, says: /port/ },
  { type: 'odoo-simulator', register: odooSimulator, wrong: { port: 'x' }, payload: {}, says: /port/ },
  {
    type: 'sensor-simulator',
    register: sensorSimulator,
    wrong: { url: 'http://broker' },
    payload: { command: 'status' },
    says: /url/,
  },
  { type: 'ui-batch-board', register: uiBatchBoard, wrong: {}, payload: {}, says: /Choose a group/ },
  { type: 'ui-ctp-log', register: uiCtpLog, wrong: {}, payload: {}, says: /Choose a group/ },
  { type: 'ui-production', register: uiProduction, wrong: {}, payload: {}, says: /Choose a group/ },
];

interface Shown {
  readonly fill: string;
  readonly text: string;
}

/** What `done` was given: an Error with its message, unlike the sentence that is logged at the start. */
async function errorOf(node: Node): Promise<string> {
  for await (const [{ args }] of on(node, 'call:error') as AsyncIterable<[{ args: readonly unknown[] }]>) {
    const [thrown] = args;
    if (thrown instanceof Error) return thrown.message;
  }
  throw new Error('the node ended without a word');
}

describe('a node that refuses its settings', () => {
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  afterEach(() => helper.unload());

  for (const { type, register, wrong, payload, says, beside = [], replyOutput = 0 } of cases) {
    describe(`${type}: ${says.source}`, () => {
      const load = async () => {
        const outputs = [0, 1, 2, 3, 4].map((output) => (output === replyOutput ? ['answer'] : []));
        await helper.load(Array.isArray(register) ? [...register] : [register as (RED: NodeAPI) => void], [
          { id: 'flow', type: 'tab' },
          ...beside,
          { id: 'node', type, z: 'flow', ...wrong, wires: outputs },
          { id: 'answer', type: 'helper', z: 'flow' },
        ] as never);
        return (id: string) => helper.getNode(id) as Node;
      };

      it('is red', async () => {
        const node = await load();
        const calls = (node('node') as unknown as { status: { args: readonly [Shown][] } }).status.args;
        const last = calls.at(-1)?.[0];
        assert.equal(last?.fill, 'red', JSON.stringify(calls));
        assert.ok((last?.text ?? '').length <= 20, last?.text);
      });

      it('tells Catch what is wrong', async () => {
        const node = await load();
        const refused = errorOf(node('node'));
        node('node').receive({ payload } as never);
        assert.match(await refused, says);
      });

      if (!type.startsWith('ui-') && type !== 'machine-status-in' && type !== 'notify' && type !== 'user-admin')
        it('answers a request with 503 and the reason', async () => {
          const node = await load();
          const req = {};
          vouchFor(req, { name: 'an engineer', via: 'session' }, async () => true);
          const answered = once(node('answer'), 'input');
          node('node').receive({ payload, req, res: {} } as never);
          const [answer] = (await answered) as [{ statusCode: number; payload: { error: { message: string } } }];
          assert.equal(answer.statusCode, 503);
          assert.match(answer.payload.error.message, says);
        });
    });
  }
});
