// A process that takes uploads until it is killed, and tells how it is doing: its directory is its argument.
import { UploadServer } from './upload-server.ts';

export interface ChildHealth {
  /**
   * The longest turn of the event loop since the last question, in milliseconds of processor time: what other programs of the
   * machine take meanwhile does not count.
   */
  readonly longestTurnMs: number;
  /** Most bytes that were held, garbage collected, in the samples since the question `memory`. */
  readonly heldBytes: number;
  readonly samples: number;
}

const [directory = '', perSender = '5'] = process.argv.slice(2);
const server = await UploadServer.start({ directory, settings: { perSender: Number(perSender) } });
const usedMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
let longestTurnMs = 0;
let heldBytes = 0;
let measuring = false;
let sampling = false;
let before = usedMs();
const turn = () => {
  const now = usedMs();
  longestTurnMs = Math.max(longestTurnMs, now - before);
  before = now;
  if (measuring) setImmediate(turn);
};
let samples = 0;
const sample = () => {
  if (!sampling) return;
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  heldBytes = Math.max(heldBytes, heapUsed + arrayBuffers);
  samples += 1;
  setTimeout(sample, 30);
};
process.on('message', (question) => {
  process.send?.({ longestTurnMs, heldBytes, samples } satisfies ChildHealth);
  longestTurnMs = 0;
  heldBytes = 0;
  samples = 0;
  const wasMeasuring = measuring;
  measuring = question === 'measure';
  before = usedMs();
  if (measuring && !wasMeasuring) setImmediate(turn);
  const wasSampling = sampling;
  sampling = question === 'memory';
  if (sampling && !wasSampling) sample();
});
process.send?.(server.url);
