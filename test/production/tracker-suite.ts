// What suites about the tracker stand on: worlds on either engine, one a story, and the node itself inside Node-RED.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import cumulativeTracker from '../../nodes/production/cumulative-tracker.ts';
import shiftCalendar from '../../nodes/production/shift-calendar.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { TrackerWorld, type WorldOptions } from './tracker-world.ts';

export const engines = ['sqlite', 'postgres'] as const;

/**
 * Call inside a suite: what it returns opens a world on a new database of `engine`. After each story every sum of its worlds must be
 * the total, and they are closed.
 */
export function worldsOn(engine: (typeof engines)[number]): (options?: WorldOptions) => Promise<TrackerWorld> {
  let server: PostgresServer | undefined;
  let worlds: TrackerWorld[] = [];
  before(async function () {
    if (engine === 'postgres') server = await startPostgres(this);
  });
  after(function () {
    this.timeout(60_000);
    server?.stop();
  });
  afterEach(async () => {
    const opened = worlds;
    worlds = [];
    for (const world of opened) {
      const check = await world.check();
      await world.close();
      assert.deepEqual(check, { holds: true, differences: [] });
    }
  });
  return async (options = {}) => {
    const url = await server?.newDatabase();
    const world = await TrackerWorld.open({ ...(url && { url }), ...options });
    worlds.push(world);
    return world;
  };
}

/** A flow with one cumulative-tracker on a database of the suite, and a node behind each of its outputs. */
export interface TrackerFlow {
  /** Deploys it, with the tracker's properties; again after `unload`, it begins with what the tables say. */
  load(properties?: object): Promise<void>;
  unload(): Promise<void>;
  give(message: object): void;
  /** The next message of an output. */
  next<Message>(output: 'out' | 'events' | 'notices'): Promise<Message>;
}

/** Call inside a suite: Node-RED runs for as long as the suite, each story has its own deploy. */
export function trackerFlow(): TrackerFlow {
  const folder = mkdtempSync(join(tmpdir(), 'shopfloor-tracker-flow-'));
  before(async () => {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    await helper.startServer();
  });
  after(async () => {
    await helper.stopServer();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => helper.unload());
  const flow = (properties: object) => [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'store', type: 'shopfloor-store', url: `sqlite:${join(folder, 'plant.sqlite')}` },
    { id: 'calendar', type: 'shift-calendar', timeZone: 'Asia/Jakarta' },
    {
      id: 'tracker',
      z: 'tab',
      type: 'cumulative-tracker',
      store: 'store',
      calendar: 'calendar',
      ...properties,
      wires: [['out'], ['events'], ['notices']],
    },
    ...['out', 'events', 'notices'].map((id) => ({ id, z: 'tab', type: 'helper' })),
  ];
  return {
    load: async (properties = {}) => {
      await helper.load([shopfloorStore, shiftCalendar, cumulativeTracker], flow(properties));
    },
    unload: async () => {
      await helper.unload();
    },
    give: (message) => {
      const target: NodeJS.EventEmitter & { receive(message: object): void } = helper.getNode('tracker') as never;
      target.receive({ _msgid: 'message', ...message });
    },
    next: async <Message>(output: string) => {
      const [message] = (await once(helper.getNode(output), 'input')) as [Message];
      return message;
    },
  };
}
