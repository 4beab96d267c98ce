// Process: what mqtt.js can receive at all. Every message is acknowledged at once and only counted.
import { parseArgs } from 'node:util';
import mqtt from 'mqtt';
import { benchTopics } from './status-messages.ts';

const { values } = parseArgs({
  options: { url: { type: 'string' }, count: { type: 'string' }, session: { type: 'string' } },
});
const expected = Number(values.count);
let received = 0;
let startedAt = 0;
const client = mqtt.connect(values.url ?? '', { clientId: values.session ?? 'receive-loop', clean: false });
client.on('connect', () => client.subscribe(benchTopics, { qos: 1 }));
client.on('message', () => {
  if (received === 0) startedAt = performance.now();
  received += 1;
  if (received !== expected) return;
  process.stdout.write(`${JSON.stringify({ messages: received, ms: performance.now() - startedAt })}\n`);
});
process.on('SIGTERM', () => client.end(true, () => process.exit(0)));
