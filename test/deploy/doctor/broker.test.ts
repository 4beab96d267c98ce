import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { Plant } from './support/visit.ts';

describe('the doctor at an MQTT broker', () => {
  const plant = new Plant();

  /** Listens on a free port of the loopback interface until the test is over. */
  async function listening(server: Server): Promise<number> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    plant.whenOver(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  async function broker(password?: string): Promise<{ port: number; clients: string[] }> {
    const aedes = await Aedes.createBroker();
    const clients: string[] = [];
    aedes.on('client', ({ id }) => clients.push(id));
    aedes.authenticate = (_client, _user, given, done) =>
      done(null, password === undefined || given?.toString() === password);
    plant.whenOver(() => new Promise<void>((resolve) => aedes.close(() => resolve())));
    return { port: await listening(createServer(aedes.handle)), clients };
  }

  it('is let in and leaves again', async () => {
    const { port, clients } = await broker('right');
    const { healthy, text } = await plant.visit({ MQTT_URL: `mqtt://plant:right@127.0.0.1:${port}` });
    assert.match(text, /works +connection +accepted after \d+ ms, and ended again/);
    assert.equal(healthy, true);
    assert.equal(clients.length, 1);
  });

  it('says that user or password is wrong', async () => {
    const { port } = await broker('right');
    const { healthy, text } = await plant.visit({ MQTT_URL: `mqtt://plant:mistaken@127.0.0.1:${port}` });
    assert.match(text, /fails +connection +Connection refused/);
    assert.match(text, /-> Check user and password in MQTT_URL/);
    assert.equal(healthy, false);
  });

  it('says when something else answers there', async () => {
    const port = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const { healthy, text } = await plant.visit({ MQTT_URL: `mqtt://127.0.0.1:${port}` });
    assert.match(text, /fails +connection/);
    assert.equal(healthy, false);
  });
});
