import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { vouchFor } from '../../nodes/access/actor.ts';
import taskClock from '../../nodes/scheduler/task-clock.ts';
import { parseTaskSettings } from '../../nodes/scheduler/task-settings.ts';

interface Received {
  payload: { command?: string; success?: boolean; data?: unknown; error?: { code: string } };
  taskRun?: string;
  statusCode?: number;
}

const clock = {
  id: 'clock',
  type: 'task-clock',
  z: 'flow',
  task: 2,
  title: 'Read the PLC',
  interval: '600',
  intervalUnit: 'seconds',
  enabled: 'true',
  runAtStart: false,
  timeout: 60,
  wires: [['start'], ['reply'], ['alarm']],
};

async function load(properties: object = {}) {
  const flow = [
    { id: 'flow', type: 'tab' },
    { ...clock, ...properties },
    { id: 'start', type: 'helper', z: 'flow' },
    { id: 'reply', type: 'helper', z: 'flow' },
    { id: 'alarm', type: 'helper', z: 'flow' },
  ];
  await helper.load([taskClock], flow);
  const node = (id: string) => helper.getNode(id) as Node;
  const next = async (id: string): Promise<Received> => ((await once(node(id), 'input')) as [Received])[0];
  return { clock: node('clock'), next };
}

/** Sends `message` once `answers` are being waited for; resolves with them. */
function exchange<Answers extends readonly Promise<Received>[]>(
  clock: Node,
  message: object,
  ...answers: Answers
): Promise<{ -readonly [Index in keyof Answers]: Received }> {
  clock.receive(message as never);
  return Promise.all(answers) as Promise<{ -readonly [Index in keyof Answers]: Received }>;
}

describe('node task-clock', () => {
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  afterEach(() => helper.unload());

  it('runs by hand, replies 202, and refuses a second run until the first has ended', async () => {
    const { clock, next } = await load();
    const [started, reply] = await exchange(clock, { payload: 'anything' }, next('start'), next('reply'));
    assert.equal(started.payload.command, 'begin');
    assert.equal(reply.statusCode, 202);
    assert.deepEqual(reply.payload.data, { task: 2, title: 'Read the PLC', started: true });

    const [second] = await exchange(clock, { payload: { command: 'run' } }, next('reply'));
    assert.match(JSON.stringify(second.payload.data), /still running/);

    clock.receive({ payload: { command: 'done' }, taskRun: started.taskRun } as never);
    const [third] = await exchange(clock, { payload: { command: 'run' } }, next('reply'), next('start'));
    assert.match(JSON.stringify(third.payload.data), /"started":true/);
  });

  it('lists every task clock with its last outcome', async () => {
    const { clock, next } = await load();
    const [started] = await exchange(clock, { payload: { command: 'run' } }, next('start'), next('reply'));
    clock.receive({
      payload: { command: 'failed' },
      taskRun: started.taskRun,
      error: { message: 'no answer' },
    } as never);
    const [status] = await exchange(clock, { payload: { command: 'status' } }, next('reply'));
    const [task] = status.payload.data as [{ task: number; lastOutcome: string; lastNote: string; failures: number }];
    assert.deepEqual([task.task, task.lastOutcome, task.lastNote, task.failures], [2, 'failed', 'no answer', 1]);
  });

  it('refuses an HTTP request that nobody vouched for, and takes one that somebody did', async () => {
    const { clock, next } = await load();
    const res = {};
    const [refused] = await exchange(clock, { payload: { command: 'run' }, req: {}, res }, next('reply'));
    assert.equal(refused.statusCode, 401);
    const req = {};
    vouchFor(req, { name: 'local', via: 'http' }, async () => true);
    const [reply] = await exchange(clock, { payload: { command: 'run' }, req, res }, next('reply'));
    assert.equal(reply.statusCode, 202);
  });

  it('sends an alarm on its third output when it fails too often, and its end', async () => {
    const { clock, next } = await load({ failuresToAlarm: '1' });
    const run = async (command: string) => {
      const [started] = await exchange(clock, { payload: { command: 'run' } }, next('start'), next('reply'));
      const [alarm] = await exchange(
        clock,
        { payload: { command }, taskRun: started.taskRun, error: { message: 'no answer' } },
        next('alarm'),
      );
      return alarm.payload as { code?: string; active?: boolean; subject?: string };
    };
    const begun = await run('failed');
    assert.deepEqual([begun.code, begun.active, begun.subject], ['task-failing', true, 'Read the PLC']);
    const over = await run('done');
    assert.deepEqual([over.code, over.active], ['task-failing', false]);
  });

  it('shows the interval in force from the start on, and names its line in the status', async () => {
    const { clock, next } = await load({
      interval: `\${NOT_SET}`,
      intervalUnset: '5',
      intervalUnit: 'minutes',
      line: 'line-2',
    });
    const texts = () =>
      (clock as unknown as { status: { args: readonly [{ text: string }][] } }).status.args.map(([{ text }]) => text);
    const [started] = await exchange(clock, { payload: { command: 'run' } }, next('start'), next('reply'));
    clock.receive({ payload: { command: 'done' }, taskRun: started.taskRun } as never);
    const [status] = await exchange(clock, { payload: { command: 'status' } }, next('reply'));
    // The helper's texts are keys, too long for a status.
    assert.ok(texts().some((text) => text === '5 min'));
    const [task] = status.payload.data as [{ line: string; intervalSeconds: number }];
    assert.deepEqual([task.line, task.intervalSeconds], ['line-2', 300]);
  });

  it('words a limit in the unit that was entered', async () => {
    const fault = (interval: string, intervalUnit: string) => {
      try {
        parseTaskSettings({ ...clock, interval, intervalUnit });
      } catch (error) {
        return String(error);
      }
      return '';
    };
    assert.match(fault('0', 'minutes'), /"0" is not a number from 0\.001 to 34560 minutes/);
    assert.match(fault('0', 'seconds'), /"0" is not a number from 0\.05 to 2073600 seconds/);
    assert.match(fault('5 minutes', 'minutes'), /"5 minutes" is not a number/);
  });

  it('turns red with a wrong setting and says which', async () => {
    const { clock } = await load({ interval: 'often' });
    const status = (clock as unknown as { status: { lastCall: { args: [{ fill: string }] } } }).status.lastCall.args[0];
    assert.equal(status.fill, 'red');
    const error = (clock as unknown as { error: { lastCall: { args: [string] } } }).error.lastCall.args[0];
    assert.match(error, /interval: "often" is not a number/);
  });
});
