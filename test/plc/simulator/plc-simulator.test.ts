// The whole simulated PLC: process behind the server on a clock, its memory over restarts, its commands and settings.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInput } from '../../../nodes/core/errors.ts';
import { encodeBatch } from '../../../nodes/plc/block-codec.ts';
import original from '../../../nodes/plc/maps/original.json' with { type: 'json' };
import { originalMemoryMap as map, parseMemoryMap } from '../../../nodes/plc/memory-map.ts';
import { parseSimulatorCommand } from '../../../nodes/plc/simulator/commands.ts';
import type { FeedMillEvent } from '../../../nodes/plc/simulator/mill-messages.ts';
import { PlcSimulator, type PlcSimulatorOptions } from '../../../nodes/plc/simulator/plc-simulator.ts';
import { runSimulatorCommand } from '../../../nodes/plc/simulator/run-command.ts';
import { parseSimulatorSettings } from '../../../nodes/plc/simulator/simulator-settings.ts';
import { stateFile } from '../../../nodes/plc/simulator/state-file.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { batchOf } from '../support/queues.ts';

describe('a simulated PLC', () => {
  const opened: PlcSimulator[] = [];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plc-simulator-'));
  });

  afterEach(async () => {
    for (const simulator of opened.splice(0)) await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function build(options: PlcSimulatorOptions = {}): {
    simulator: PlcSimulator;
    clock: ManualClock;
    events: FeedMillEvent[];
  } {
    const clock = new ManualClock();
    const events: FeedMillEvent[] = [];
    const simulator = new PlcSimulator({
      clock,
      mill: { secondsPerBatch: 10 },
      onEvent: (event) => events.push(event),
      ...options,
    });
    opened.push(simulator);
    return { simulator, clock, events };
  }

  it('scans on its clock from start to stop', async () => {
    const { simulator, clock, events } = build();
    simulator.mill.write(7000, encodeBatch(map, 'high-first', batchOf(1)));
    clock.advance(1000);
    assert.deepEqual(events, [], 'not started');
    assert((await simulator.start()) > 0);
    clock.advance(15_000);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['queue-taken', 'batch-started', 'batch-finished'],
    );
    await simulator.stop();
    assert.equal(clock.pendingTimers, 0);
  });

  it('scans once at a time however often it is started', async () => {
    const { simulator, clock } = build();
    await simulator.start();
    await simulator.start();
    assert.equal(clock.pendingTimers, 1);
  });

  it('keeps memory and the running batch over a restart', async () => {
    const file = stateFile(join(folder, 'state.json'));
    const { simulator, clock } = build({ stateFile: file });
    simulator.mill.write(7000, encodeBatch(map, 'high-first', batchOf(1)));
    simulator.mill.write(7100, encodeBatch(map, 'high-first', batchOf(2)));
    await simulator.start();
    clock.advance(5000);
    await simulator.stop();

    const again = build({ stateFile: file });
    assert.deepEqual([...again.simulator.memory.words], [...simulator.memory.words]);
    await again.simulator.start();
    again.clock.advance(6000);
    assert.deepEqual(
      again.events.map(({ event }) => event),
      ['batch-finished', 'batch-started'],
      'five of ten seconds were done',
    );
    again.clock.advance(11_000);
    assert.equal(again.events.at(-1)?.event, 'batch-finished');
    await again.simulator.stop();
    assert.deepEqual(readdirSync(folder), ['state.json']);
  });

  it('keeps what a client wrote without being stopped', async () => {
    const file = stateFile(join(folder, 'state.json'));
    const { simulator, clock } = build({ stateFile: file });
    await simulator.start();
    simulator.mill.write(7300, Uint16Array.of(42));
    clock.advance(50);
    while (file.load() === undefined) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(build({ stateFile: file }).simulator.memory.words[7300], 42);
  });

  it('starts empty when the kept state is broken or of another map', async () => {
    const path = join(folder, 'state.json');
    const { simulator } = build({ stateFile: stateFile(path) });
    simulator.mill.write(7300, Uint16Array.of(42));
    await simulator.stop();
    const other = parseMemoryMap({ ...original, slotCount: 4 });
    assert.equal(build({ stateFile: stateFile(path), map: other }).simulator.memory.words[7300], 0);
    for (const text of ['', '{', 'null', '{"version":1}', '{"version":2}']) {
      writeFileSync(path, text);
      assert.equal(build({ stateFile: stateFile(path) }).simulator.memory.words[7300], 0, text);
    }
  });

  it('says once that the disk is full, and keeps its state by itself when there is room again', async () => {
    const errors: unknown[] = [];
    let isFull = true;
    let kept: string | undefined;
    const file = {
      load: () => kept,
      save: async (text: string) => {
        if (isFull) throw new Error('no space left on device');
        kept = text;
      },
    };
    const { simulator, clock } = build({ stateFile: file, onStateError: (error) => errors.push(error) });
    await simulator.start();
    simulator.mill.write(7300, Uint16Array.of(42));
    const passes = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 50) {
        clock.advance(50);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await passes(5_000);
    assert.deepEqual([errors.length, kept], [1, undefined]);
    isFull = false;
    await passes(2_000);
    assert.equal(build({ stateFile: file }).simulator.memory.words[7300], 42);
    await simulator.stop();
  });

  it('goes on when its state cannot be kept, and says so', async () => {
    const errors: unknown[] = [];
    const broken = { load: () => undefined, save: () => Promise.reject(new Error('disk full')) };
    const { simulator } = build({ stateFile: broken, onStateError: (error) => errors.push(error) });
    simulator.mill.write(7300, Uint16Array.of(42));
    await simulator.stop();
    assert.match(String(errors[0]), /disk full/);
  });

  it('obeys commands and answers how it stands', async () => {
    const { simulator, clock, events } = build();
    await simulator.start();
    const run = (payload: unknown) => runSimulatorCommand(simulator, parseSimulatorCommand(payload, 10));
    simulator.mill.write(7000, encodeBatch(map, 'high-first', batchOf(1)));
    clock.advance(1000);
    assert.deepEqual(await run(undefined), {
      port: simulator.port,
      connections: 0,
      requests: 0,
      idle: false,
      guard: 1,
    });
    await run({ command: 'garble', slot: 1, reads: 1 });
    assert.notEqual(simulator.mill.read(6000, 1)?.[0], 1);
    assert.equal(simulator.mill.read(6000, 1)?.[0], 1);
    await run({ command: 'flicker-failed', seconds: 1 });
    clock.advance(100);
    assert.equal(simulator.memory.words[6073], 1);
    await run({ command: 'stall' });
    await run({ command: 'fail' });
    clock.advance(60_000);
    assert.equal(events.at(-1)?.event, 'stalled');
    await run({ command: 'resume' });
    clock.advance(200);
    assert.equal(events.at(-1)?.event, 'batch-failed');
    const { deliveries } = await run({ command: 'deliveries' });
    assert.deepEqual(
      deliveries?.map(({ moName, state }) => [moName, state]),
      [['WH/MO/00001', 'failed']],
    );
    const { port } = simulator;
    await run({ command: 'link', fault: 'unplug' });
    await run({ command: 'clear-faults' });
    assert.equal(await simulator.start(), port);
  });
});

describe('a command for the simulator', () => {
  const parse = (payload: unknown) => parseSimulatorCommand(payload, 10);

  it('may be any fault of the link', () => {
    for (const fault of ['drop-now', 'unplug', 'plug-in'])
      assert.deepEqual(parse({ command: 'link', fault }), { command: 'link', fault: { kind: fault } });
    for (const fault of [
      'drop-after',
      'never-answer',
      'wrong-transaction-id',
      'bad-length',
      'short-answer',
      'split-answer',
    ]) {
      assert.deepEqual(parse({ command: 'link', fault, requests: 2 }), {
        command: 'link',
        fault: { kind: fault, requests: 2 },
      });
    }
    assert.deepEqual(parse({ command: 'link', fault: 'drop-in-queue-write', writes: 3 }), {
      command: 'link',
      fault: { kind: 'drop-in-queue-write', writes: 3 },
    });
    assert.deepEqual(parse({ command: 'link', fault: 'answer-late', requests: 1, delayMs: 9 }), {
      command: 'link',
      fault: { kind: 'answer-late', requests: 1, delayMs: 9 },
    });
    assert.deepEqual(parse({ command: 'link', fault: 'exception', requests: 1, code: 6 }), {
      command: 'link',
      fault: { kind: 'exception', requests: 1, code: 6 },
    });
  });

  it('is refused with the field at fault', () => {
    const refused: readonly [unknown, RegExp][] = [
      [{ command: 'explode' }, /payload\.command: "explode"/],
      [{ command: 'garble' }, /payload\.slot/],
      [{ command: 'garble', slot: 11 }, /payload\.slot: .*1 to 10/],
      [{ command: 'fail', slot: 0 }, /payload\.slot/],
      [{ command: 'stall', seconds: -1 }, /payload\.seconds/],
      [{ command: 'flicker-failed' }, /payload\.seconds/],
      [{ command: 'link' }, /payload\.requests.*payload\.fault/],
      [{ command: 'link', fault: 'never-answer' }, /payload\.requests/],
      [{ command: 'link', fault: 'answer-late', requests: 1 }, /payload\.delayMs/],
    ];
    for (const [payload, message] of refused) {
      assert.throws(
        () => parse(payload),
        (error: unknown) => error instanceof InvalidInput && message.test(error.message),
        JSON.stringify(payload),
      );
    }
  });

  it('without a command asks for the status', () => {
    for (const payload of [undefined, null, 1_700_000_000, 'x', [], {}])
      assert.deepEqual(parse(payload), { command: 'status' });
  });
});

/** What a node sees of an environment variable that is not set. */
const placeholder = (name: string) => `\u0024{${name}}`;

describe('the settings of the simulator', () => {
  it('leave it off when there is no port, because a real PLC is configured', () => {
    for (const port of ['', undefined, placeholder('PLC_SIMULATOR_PORT')])
      assert.equal(parseSimulatorSettings({ port }), undefined);
  });

  it('have a default for everything but the port', () => {
    const settings = parseSimulatorSettings({ port: '0', wordOrder: placeholder('PLC_WORD_ORDER') });
    assert.deepEqual(settings?.server, { host: '127.0.0.1', port: 0, unitId: 1, wireOffset: 0, latencyMs: 0 });
    assert.deepEqual(
      [settings?.wordOrder, settings?.seed, settings?.keepMemory, settings?.mill.secondsPerBatch],
      ['high-first', 1, true, 6],
    );
    assert.equal(settings?.map, map);
  });

  it('may bring another memory map', () => {
    const settings = parseSimulatorSettings({ port: 1502, memoryMap: JSON.stringify({ ...original, slotCount: 3 }) });
    assert.equal(settings?.map.slotCount, 3);
  });

  it('are refused with every field at fault', () => {
    assert.throws(
      () =>
        parseSimulatorSettings({
          port: 70_000,
          unitId: 1.5,
          scatterPercent: 'much',
          failureProbability: 2,
          secondsPerBatch: 0,
          wordOrder: 'up',
          memoryMap: '{',
        }),
      (error: unknown) => {
        assert(error instanceof InvalidInput);
        const fields = error.fields.map(({ field }) => field).sort();
        assert.deepEqual(fields, [
          'failureProbability',
          'memoryMap',
          'port',
          'scatterPercent',
          'secondsPerBatch',
          'unitId',
          'wordOrder',
        ]);
        return true;
      },
    );
  });
});
