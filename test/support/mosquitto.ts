// A real Mosquitto for a suite: keeps its sessions and queues on disk, and can be killed and started again on the same address.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../deploy/free-port.ts';
import { requireTool } from './require-tool.ts';

export interface MosquittoOptions {
  /** Added to the configuration, such as `max_queued_messages 1000`. */
  readonly configuration?: readonly string[];
}

export interface Mosquitto {
  /** Such as `mqtt://127.0.0.1:40123`; the same after a restart. */
  readonly url: string;
  readonly port: number;
  readonly pid: () => number | undefined;
  /**
   * SIGUSR1 (write everything to disk) and then SIGKILL: what Mosquitto promises to keep over a power cut is what it has
   * saved; between two saves it promises nothing. Resolves when the process is gone.
   */
  saveAndKill(): Promise<void>;
  /** SIGKILL at once. */
  kill(): Promise<void>;
  /** Starts it again; resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts Mosquitto with persistence and queues without a limit; skips the suite by name when this machine has none (a failure
 * in CI). Outside a suite leave `context` out.
 */
export async function startMosquitto(
  context: Mocha.Context | undefined,
  { configuration = [] }: MosquittoOptions = {},
): Promise<Mosquitto> {
  const binary = 'mosquitto';
  // Its -h ends with status 3 in some releases and 0 in others.
  if (context) requireTool(context, 'Mosquitto (mosquitto)', 'sh', ['-c', `command -v ${binary}`]);
  const home = mkdtempSync(join(tmpdir(), 'shopfloor-mosquitto-'));
  // It changes to a user of its own when root starts it.
  chmodSync(home, 0o777);
  const port = await freePort();
  const configFile = join(home, 'mosquitto.conf');
  writeFileSync(
    configFile,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${home}/`,
      // Only when it is told to: a save writes everything, and 50,000 waiting messages are 25 MB.
      'autosave_interval 0',
      'max_queued_messages 0',
      'max_queued_bytes 0',
      'log_dest none',
      ...configuration,
      '',
    ].join('\n'),
  );
  let child: ChildProcess | undefined;

  const start = async () => {
    const started = spawn(binary, ['-c', configFile], { stdio: 'ignore' });
    child = started;
    for (let tries = 0; !(await accepts(port)); tries += 1) {
      if (started.exitCode !== null || tries > 500) throw new Error(`mosquitto did not start (${configFile})`);
      await wait(20);
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill(signal);
    await gone;
  };
  const save = async () => {
    const file = join(home, 'mosquitto.db');
    const savedAt = () => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const before = savedAt();
    // Its clock ticks in whole milliseconds, ours may be faster.
    await wait(5);
    child?.kill('SIGUSR1');
    for (let tries = 0; savedAt() === before; tries += 1) {
      if (tries > 1_000) throw new Error('mosquitto did not save its state');
      await wait(10);
    }
  };

  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    pid: () => child?.pid,
    saveAndKill: async () => {
      await save();
      await end('SIGKILL');
    },
    kill: () => end('SIGKILL'),
    start,
    stop: async () => {
      await end('SIGTERM');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
