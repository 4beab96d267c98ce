// Examines the MQTT broker: connects as a client of its own, says what the broker answered, and disconnects.
import { randomUUID } from 'node:crypto';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { systemClock } from '../../nodes/core/clock.ts';
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import type { OutsideSystem } from './examination.ts';
import { withoutPassword } from './secrets.ts';

const connectTimeoutMs = 5_000;

/** @param url undefined when none is configured */
export function brokerSystem(url: string | undefined): OutsideSystem {
  if (url === undefined) {
    const standIn = 'npm start brings a broker of its own. Set MQTT_URL to examine yours.';
    return { name: 'MQTT broker', standIn };
  }
  return {
    name: 'MQTT broker',
    location: withoutPassword(url),
    deadlineMs: 2 * connectTimeoutMs,
    examine: (signal) => diagnoseBroker(url, signal),
  };
}

async function diagnoseBroker(url: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const startedAtMs = systemClock.monotonicMs();
  const options: IClientOptions = {
    // A name of its own: taking over the name of a running client would throw that one out.
    clientId: `shopfloor-doctor-${randomUUID().slice(0, 8)}`,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: connectTimeoutMs,
  };
  const client = connect(url, options);
  const give = () => client.end(true);
  signal.addEventListener('abort', give);
  try {
    await connected(client);
    const tookMs = Math.round(systemClock.monotonicMs() - startedAtMs);
    await client.endAsync();
    return [{ check: 'connection', verdict: 'works', found: `accepted after ${tookMs} ms, and ended again` }];
  } catch (thrown) {
    return [{ check: 'connection', verdict: 'fails', ...explained(thrown) }];
  } finally {
    signal.removeEventListener('abort', give);
    client.end(true);
  }
}

function connected(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve());
    // Stays for the client's whole life: a late error without a listener would end the process.
    client.on('error', reject);
    client.once('close', () => reject(new Error('the connection was closed before the broker answered')));
  });
}

/** Reason codes of CONNACK: MQTT 3.1.1 section 3.2.2.3 (1 to 5) and MQTT 5 section 3.2.2.2 (from 128). */
const refusals: Readonly<Record<number, string>> = {
  1: 'Check which MQTT versions the broker allows.',
  2: 'Check which client names the broker allows.',
  3: 'The broker is up but does not serve at present. See its log.',
  4: 'Check user and password in MQTT_URL.',
  5: 'Check user and password in MQTT_URL, and that the broker lets this user in.',
  134: 'Check user and password in MQTT_URL.',
  135: 'Check user and password in MQTT_URL, and that the broker lets this user in.',
};

function explained(thrown: unknown): { readonly found: string; readonly advice: string } {
  const found = foundIn(thrown);
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  if (typeof code === 'number') return { found, advice: refusals[code] ?? 'See the log of the broker.' };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return { found, advice: 'Check the host name in MQTT_URL.' };
  if (typeof code === 'string' && /CERT|TLS|SSL|SELF_SIGNED/.test(code)) {
    const advice = 'Give Node.js the authority that signed the certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.';
    return { found, advice };
  }
  return { found, advice: 'Check host and port in MQTT_URL, that the broker runs, and that no firewall is between.' };
}

/** A failed connection to several addresses of one host carries its reasons inside and no text of its own. */
function foundIn(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') return thrown.errors.map(foundIn).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}
