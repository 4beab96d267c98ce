// `npm run bench -- plc`: one whole read cycle of the ten blocks, beside the physical limit and the peer that users run today.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { embeddedNodeRed, peerIsInstalled } from './support/plc/embedded-node-red.ts';
import { names, networkDelayMs, type Target, targets } from './support/plc/limits.ts';
import { type CycleClient, rawClient } from './support/plc/raw-client.ts';

/** Time that each client gets in each round, so that slow and fast ones weigh the same. */
const shareMs = 250;
const fewestCycles = 3;
const warmUpMs = 1_500;

type Network = Target['network'];

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string', default: '15' } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds="${values.rounds}" is not a whole number from 1`);
  const withPeer = installPeer();
  const server = fork(join(import.meta.dirname, 'support', 'plc', 'server.ts'));
  try {
    const [ports] = (await once(server, 'message')) as [Readonly<Record<Network, number>>];
    const missed: string[] = [];
    for (const network of ['near', 'far'] as const) {
      const medians = await measure(ports[network], rounds, withPeer);
      missed.push(...report(network, rounds, medians));
    }
    process.stdout.write(missed.length === 0 ? '\nEvery target is met.\n' : `\nMissed: ${missed.join('; ')}.\n`);
  } finally {
    server.disconnect();
  }
  // The peer leaves handles open.
  process.exit();
}

/** Median time of a cycle in ms, by client. */
async function measure(port: number, rounds: number, withPeer: boolean): Promise<ReadonlyMap<string, number>> {
  const nodeRed = await embeddedNodeRed(port, withPeer);
  const clients: CycleClient[] = [
    await rawClient(names.rawSequential, port, false),
    await rawClient(names.rawPipelined, port, true),
    ...nodeRed.clients,
  ];
  const times = new Map<string, number[]>(clients.map(({ name }) => [name, []]));
  for (const client of clients) await cycles(client, warmUpMs);
  for (let round = 0; round < rounds; round += 1) {
    for (const client of clients) times.get(client.name)?.push(...(await cycles(client, shareMs)));
  }
  for (const client of clients) client.close();
  await nodeRed.stop();
  return new Map([...times].map(([name, all]) => [name, median(all)]));
}

async function cycles(client: CycleClient, forMs: number): Promise<number[]> {
  const times: number[] = [];
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs || times.length < fewestCycles) {
    const startMs = performance.now();
    await client.cycle();
    times.push(performance.now() - startMs);
  }
  return times;
}

/** Prints the table and the targets of one network; returns the targets that were missed. */
function report(network: Network, rounds: number, medians: ReadonlyMap<string, number>): string[] {
  const delay = network === 'near' ? '0 ms' : `${networkDelayMs} ms`;
  const lines = [`\nOne cycle of ten blocks, ${delay} network latency, medians over ${rounds} rounds taking turns`];
  const [limitMs = Number.NaN, pipelinedMs = Number.NaN] = [...medians.values()];
  for (const [name, ms] of medians) {
    const ratios = `${(ms / limitMs).toFixed(2)} x sequential, ${(ms / pipelinedMs).toFixed(2)} x pipelined`;
    lines.push(`  ${name.padEnd(34)} ${ms.toFixed(3).padStart(9)} ms   ${ratios}`);
  }
  const missed: string[] = [];
  for (const target of targets.filter((one) => one.network === network)) {
    const subjectMs = medians.get(target.subject);
    const otherMs = medians.get(target.comparedWith);
    if (subjectMs === undefined || otherMs === undefined) {
      lines.push(`  not measured: ${target.subject} beside ${target.comparedWith}`);
      missed.push(`${target.comparedWith} was not measured`);
      continue;
    }
    const ratio = target.rule === 'at-most' ? subjectMs / otherMs : otherMs / subjectMs;
    const isMet = target.rule === 'at-most' ? ratio <= target.ratio : ratio >= target.ratio;
    const wanted = target.rule === 'at-most' ? `at most ${target.ratio} x` : `at least ${target.ratio} x faster than`;
    const line = `${target.subject}: ${ratio.toFixed(2)}, wanted ${wanted} ${target.comparedWith} at ${delay}`;
    lines.push(`  ${isMet ? 'met   ' : 'MISSED'} ${line}`);
    if (!isMet) missed.push(line);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return missed;
}

/** Installs the peer into this folder when it is missing; says so plainly when that fails. */
function installPeer(): boolean {
  if (peerIsInstalled()) return true;
  process.stdout.write('Installing the peer (node-red-contrib-modbus) into bench/ ...\n');
  spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: import.meta.dirname, stdio: 'inherit' });
  if (peerIsInstalled()) return true;
  process.stdout.write(
    'The peer could not be installed: Flex-Getter is NOT measured. Run npm ci in bench/ with a registry at hand.\n',
  );
  return false;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
