import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { freePort } from '../../deploy/free-port.ts';

describe('a port for a server that starts later', () => {
  it('is another one each time, and none that the system gives to connections by itself', async () => {
    const ports = await Promise.all(Array.from({ length: 300 }, freePort));
    assert.equal(new Set(ports).size, 300);
    assert.ok(ports.every((port) => port >= 1024 && port < 32_768));
  });

  it('can be listened on', async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  });
});
