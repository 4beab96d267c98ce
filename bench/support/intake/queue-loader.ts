// Fills the queue of a sleeping session on a real broker: the session subscribes once, goes away, and messages wait for it.
import mqtt, { type MqttClient } from 'mqtt';
import { benchTopics, type MessageSeries, statusMessage } from './status-messages.ts';

/** Makes the session `clientId` known to the broker, as a subscriber that is away. */
export async function putSessionToSleep(url: string, clientId: string): Promise<void> {
  const client = await connected(url, clientId, false);
  await client.subscribeAsync(benchTopics, { qos: 1 });
  await client.endAsync();
}

/** Publishes the whole series at QoS 1; resolves when the broker has taken every message. */
export async function publishSeries(url: string, series: MessageSeries): Promise<void> {
  const client = await connected(url, `loader-${process.pid}-${Date.now()}`, true);
  const endMs = Date.now();
  const atATime = 1_000;
  for (let from = 0; from < series.count; from += atATime) {
    const until = Math.min(series.count, from + atATime);
    const batch: Promise<unknown>[] = [];
    for (let index = from; index < until; index += 1) {
      const { topic, payload } = statusMessage(series, index, endMs);
      batch.push(client.publishAsync(topic, payload, { qos: 1 }));
    }
    await Promise.all(batch);
  }
  await client.endAsync();
}

async function connected(url: string, clientId: string, clean: boolean): Promise<MqttClient> {
  return mqtt.connectAsync(url, { clientId, clean, reconnectPeriod: 0 });
}
