// Peers that run as processes of their own, started when they say so and ended after the test.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Peer {
  /** What it said when it was ready. */
  readonly ready: RegExpMatchArray;
  readonly stop: () => Promise<void>;
}

/** Starts `command` and resolves when each of `patterns` was matched by a line of its output or errors. */
export async function startPeer(command: string, args: readonly string[], patterns: readonly RegExp[]): Promise<Peer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const matches: RegExpMatchArray[] = [];
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${lines.join('\n')}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const pattern = patterns[matches.length];
        const match = pattern && line.match(pattern);
        if (match) matches.push(match);
        if (matches.length === patterns.length) resolve();
      });
    }
  });
  const ready = matches.at(-1);
  if (!ready) throw new Error(`${command} was to be waited for without a pattern`);
  return { ready, stop: () => stopped(child) };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}
