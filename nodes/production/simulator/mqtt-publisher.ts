// The simulator's own MQTT client: publishes with QoS 1 and says when the broker has a message.
import { connect } from 'mqtt';
import type { StatusPublisher } from './simulated-plant.ts';

export interface MqttPublisher extends StatusPublisher {
  close(): Promise<void>;
}

/** Connects and reconnects for ever; a message for a broker that is away is refused at once and counts as lost. */
export function openMqttPublisher(url: string, onState: (connected: boolean, detail: string) => void): MqttPublisher {
  const client = connect(url, {
    clientId: `shopfloor-simulator-${process.pid}-${Math.random().toString(36).slice(2, 10)}`,
    clean: true,
    reconnectPeriod: 2000,
    connectTimeout: 5000,
    resubscribe: false,
  });
  client.on('connect', () => onState(true, ''));
  client.on('close', () => onState(false, ''));
  client.on('error', (error) => onState(false, error.message));
  return {
    publish: async (topic, text) => {
      if (!client.connected) throw new Error('the broker is away');
      await client.publishAsync(topic, text, { qos: 1 });
    },
    close: () => client.endAsync(true),
  };
}
