import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { freePort } from '../../deploy/free-port.ts';
import { installBuilt, Newcomer } from '../support/newcomer.ts';
import { nodeRedLegs, requireLeg } from '../support/node-red-process.ts';

const root = join(import.meta.dirname, '..', '..');
const examples = globSync('flows/*.json', { cwd: root }).map((file) => basename(file, '.json'));
/** The flow that several others need comes first, as README says. */
const inOrder = ['plant', ...examples.filter((name) => name !== 'plant').sort()];

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');
/** What README says to type for the simulators of the flow plant-simulator, but for their ports. */
const addresses =
  /`(modbus-tcp:\/\/127\.0\.0\.1:)(\d+)(\?unit=1)`, in \*Odoo\* `(http:\/\/127\.0\.0\.1:)(\d+)`/.exec(readme) ?? [];
const simulators = (plcPort: number, odooPort: number) => ({
  'line 1 PLC': { url: `${addresses[1]}${plcPort}${addresses[3]}` },
  Odoo: {
    url: `${addresses[4]}${odooPort}`,
    database: 'plant',
    login: 'shopfloor',
    credentials: { password: 'shopfloor' },
  },
});

interface TaskStatus {
  readonly task: number;
  readonly enabled: boolean;
  readonly intervalSeconds: number;
}

describe('the example of the simulators', () => {
  it('has the ports that README names', () => {
    const nodes = JSON.parse(read('flows/plant-simulator.json')) as readonly { id: string; portUnset?: string }[];
    const port = (id: string) => nodes.find((node) => node.id === id)?.portUnset;
    assert.deepEqual([port('simulated-plc'), port('simulated-odoo')], [addresses[2], addresses[5]]);
  });
});

describe('every example in an empty Node-RED without an environment variable', () => {
  for (const leg of nodeRedLegs) {
    describe(leg.name, () => {
      let folder: string;
      let newcomer: Newcomer;

      before(async function () {
        this.timeout(180_000);
        requireLeg(this, leg);
        folder = mkdtempSync(join(tmpdir(), 'shopfloor-examples-'));
        installBuilt(folder);
        newcomer = await Newcomer.arrive(leg, folder);
      });
      after(async function () {
        this.timeout(40_000);
        await newcomer?.leave();
        if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      });

      it('is offered under Import > Examples', async () => {
        assert.deepEqual([...(await newcomer.exampleNames())].sort(), [...examples].sort());
      });

      it('runs: clocks at the pace of the plant, and answers that say what still has to be typed', async function () {
        this.timeout(60_000);
        await newcomer.importExamples(...inOrder);
        await newcomer.deploy();
        const { data } = (await newcomer.until('/api/admin/scheduler/status', hasTasks, 30_000)) as {
          data: readonly TaskStatus[];
        };
        assert.deepEqual(
          [...data]
            .sort((one, other) => one.task - other.task)
            .map(({ task, enabled, intervalSeconds }) => [task, enabled, intervalSeconds]),
          [
            [1, true, 3600],
            [2, true, 300],
            [3, true, 180],
            [4, true, 600],
            [5, true, 10],
          ],
        );
        assert.equal((await newcomer.ask('POST', '/api/admin/trigger-sync')).status, 202);
        await newcomer.nodeRed.logged(/\[TASK 2\].*failed.*PLC_URL is not set/);
        await newcomer.nodeRed.logged(/\[TASK 1\].*failed.*ODOO_URL/);
      });

      it('takes the messages of the simulated machines without a broker', async function () {
        this.timeout(60_000);
        const counts = (body: unknown) => /"production":[1-9]/.test(JSON.stringify(body) ?? '');
        const view = await newcomer.until('/api/production/current', counts, 50_000);
        assert.match(JSON.stringify(view), /Flexo 104/);
      });

      it('does the main job: an order goes from Odoo to the PLC and back, and is archived', async function () {
        this.timeout(120_000);
        // The ports of README may be taken on this machine.
        const [plcPort, odooPort] = [await freePort(), await freePort()];
        const ports: Readonly<Record<string, number>> = { 'simulated-plc': plcPort, 'simulated-odoo': odooPort };
        newcomer.edit((flows) => flows.map((node) => (node.id in ports ? { ...node, port: ports[node.id] } : node)));
        newcomer.type(simulators(plcPort, odooPort));
        await newcomer.deploy();
        const first = await newcomer.firstArchived(90_000);
        assert.match(JSON.stringify(first), /WH\/MO\//);
      });
    });
  }
});

const hasTasks = (body: unknown) => (body as { data?: readonly unknown[] } | undefined)?.data?.length === 5;
