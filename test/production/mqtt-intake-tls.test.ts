// The intake's MQTT client over TLS: a broker that shows a certificate of the plant's own authority is taken, any other is not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { freePort } from '../../deploy/free-port.ts';
import type { ArrivedMessage, IntakeUse } from '../../nodes/production/intake-link.ts';
import { useMqttIntake } from '../../nodes/production/mqtt-intake.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { requireTool } from '../support/require-tool.ts';

describe('the MQTT client of the intake over TLS', function () {
  this.timeout(30_000);
  let broker: Mosquitto;
  let folder: string;
  let port: number;
  let use: IntakeUse | undefined;
  before(async function () {
    requireTool(this, 'OpenSSL (openssl)', 'openssl', ['version']);
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-tls-'));
    const key = join(folder, 'key.pem');
    const certificate = join(folder, 'certificate.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      certificate,
    ];
    execFileSync('openssl', [...request, ...subject], { stdio: 'ignore' });
    // Mosquitto reads them as a user of its own when root starts it.
    for (const path of [folder, key, certificate]) chmodSync(path, 0o755);
    port = await freePort();
    broker = await startMosquitto(this, {
      configuration: [`listener ${port} 127.0.0.1`, `certfile ${certificate}`, `keyfile ${key}`],
    });
  });
  afterEach(async () => {
    await use?.close();
    use = undefined;
  });
  after(async () => {
    await broker?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const open = (certificateAuthority: string | undefined, onLink: (connected: boolean, detail: string) => void) => {
    const messages: ArrivedMessage[] = [];
    const settings = {
      url: `mqtts://localhost:${port}`,
      clientId: certificateAuthority === undefined ? 'stranger' : 'known',
      username: undefined,
      password: undefined,
      certificateAuthority,
      topics: ['tls/+/status'],
      maxInFlight: 100,
    };
    use = useMqttIntake(settings, { onMessage: (message) => messages.push(message), onLink });
    return messages;
  };

  it('takes messages of a broker whose authority it is given', async () => {
    let messages: readonly ArrivedMessage[] = [];
    await new Promise<void>((resolve) => {
      messages = open(readFileSync(join(folder, 'certificate.pem'), 'utf8'), (connected) => {
        if (connected) resolve();
      });
    });
    const publisher = await connectAsync(broker.url);
    while (messages.length === 0) await publisher.publishAsync('tls/M1/status', 'x', { qos: 1 });
    await publisher.endAsync();
    assert.equal(messages[0]?.topic, 'tls/M1/status');
  });

  it('does not speak to a broker that nobody vouches for, and says why', async () => {
    const told = await new Promise<readonly [boolean, string]>((resolve) => {
      open(undefined, (connected, detail) => {
        if (connected || detail !== '') resolve([connected, detail]);
      });
    });
    assert.equal(told[0], false);
    assert.match(told[1], /self-signed certificate/);
  });
});
