// A process that takes uploads until it is killed, and tells how it is doing: its directory is its argument.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { UploadServer } from './upload-server.ts';

export interface ChildHealth {
  /** Longest time since the last question in which the event loop did nothing else, in milliseconds. */
  readonly stallMs: number;
  /** Most memory of the process since the last question. */
  readonly memoryBytes: number;
}

const [directory = '', perSender = '5'] = process.argv.slice(2);
const server = await UploadServer.start({ directory, settings: { perSender: Number(perSender) } });
const delay = monitorEventLoopDelay({ resolution: 1 });
let memoryBytes = 0;
const sample = setInterval(() => {
  memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
}, 5);
sample.unref();
delay.enable();
process.on('message', () => {
  process.send?.({ stallMs: delay.max / 1e6, memoryBytes } satisfies ChildHealth);
  delay.reset();
  memoryBytes = 0;
});
process.send?.(server.url);
