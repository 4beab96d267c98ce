// A process that takes uploads until it is killed, and tells how it is doing: its directory is its argument.
import { UploadServer } from './upload-server.ts';

export interface ChildHealth {
  /**
   * The longest turn of the event loop since the last question, in milliseconds of processor time: what other programs of the
   * machine take meanwhile does not count.
   */
  readonly longestTurnMs: number;
  /** Most memory of the process since the last question. */
  readonly memoryBytes: number;
}

const [directory = '', perSender = '5'] = process.argv.slice(2);
const server = await UploadServer.start({ directory, settings: { perSender: Number(perSender) } });
const usedMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
let longestTurnMs = 0;
let memoryBytes = 0;
let measuring = false;
let before = usedMs();
const turn = () => {
  const now = usedMs();
  longestTurnMs = Math.max(longestTurnMs, now - before);
  before = now;
  if (measuring) setImmediate(turn);
};
const sample = setInterval(() => {
  memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
}, 5);
sample.unref();
process.on('message', (question) => {
  process.send?.({ longestTurnMs, memoryBytes } satisfies ChildHealth);
  longestTurnMs = 0;
  memoryBytes = 0;
  const wasMeasuring = measuring;
  measuring = question === 'measure';
  before = usedMs();
  if (measuring && !wasMeasuring) setImmediate(turn);
});
process.send?.(server.url);
