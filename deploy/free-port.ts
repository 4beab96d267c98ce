// A port of the loopback interface for a server that starts a little later.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what systems give to whoever asks for any port, each outgoing connection included: from 32768 on Linux, from 49152 elsewhere
 * (RFC 6335). A port of that range could be gone again before the server binds it, without anybody having asked for it.
 */
const lowest = 20_000;
const highest = 32_767;
/** So many in a row are only taken where something is wrong with the interface. */
const mostTries = 100;

/** Ports that this process has named: two servers that start later never get the same. */
const named = new Set<number>();

/** A port that nobody listens on at this moment, a new one each time. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = randomInt(lowest, highest + 1);
    if (named.has(port)) continue;
    named.add(port);
    if (await canBeBound(port)) return port;
  }
  throw new Error(`No free port was found on 127.0.0.1 from ${lowest} to ${highest}`);
}

function canBeBound(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
