// A process of its own that sends requests side by side and prints how many were answered with which status; 0 is a connection that ended.
import { request } from 'node:http';
import { setPriority } from 'node:os';
import { io } from 'socket.io-client';

/** As a test gives it on the command line. */
export interface Flood {
  readonly url: string;
  /** Taken in turn. */
  readonly paths: readonly string[];
  readonly method: 'GET' | 'POST';
  readonly rounds: number;
  readonly atOnce: number;
  /** Of the JSON text that is sent. */
  readonly bodyBytes: number;
  readonly cookie: string | null;
  /** Sends so many events of the dashboard's socket instead, until it is let go. */
  readonly events: number;
  /** Sends another cookie with each request. */
  readonly makesUpCookies: boolean;
}

const lowest = 19;

if (process.argv[2] !== undefined) {
  setPriority(lowest);
  const flood = JSON.parse(process.argv[2]) as Flood;
  const body = flood.bodyBytes > 0 ? JSON.stringify({ text: 'x'.repeat(flood.bodyBytes) }) : '';
  const statuses: Record<string, number> = {};
  if (flood.events > 0) statuses.busy = await busyOf(flood);
  for (let round = 0; flood.events === 0 && round < flood.rounds; round += 1) {
    const all = Array.from({ length: flood.atOnce }, (_, n) => statusOf(flood, `${round}-${n}`, n, body));
    for (const status of await Promise.all(all)) statuses[status] = (statuses[status] ?? 0) + 1;
  }
  process.stdout.write(`${JSON.stringify(statuses)}\n`);
}

/** How many events were answered as busy before the server let the sender go. */
function busyOf({ url, cookie, events }: Flood): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = io(url, {
      path: '/dashboard/socket.io',
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { cookie: cookie ?? '', origin: url },
    });
    let busy = 0;
    socket.on('connect_error', reject);
    socket.on('shopfloor:refused', ({ code }: { readonly code: string }) => {
      if (code === 'busy') busy += 1;
    });
    socket.on('disconnect', () => resolve(busy));
    socket.once('ui-config', () => {
      for (let n = 0; n < events; n += 1) {
        const message = { topic: 'batches/history', requestId: `r${n}`, payload: { command: 'history' } };
        socket.emit('widget-send', 'widget-batches', message);
      }
    });
  });
}

function statusOf({ url, paths, method, cookie, makesUpCookies }: Flood, name: string, n: number, body: string) {
  return new Promise<number>((resolve) => {
    const sent = request(`${url}${paths[n % paths.length] ?? ''}`, {
      method,
      agent: false,
      headers: {
        ...(cookie !== null && { cookie }),
        ...(makesUpCookies && { cookie: `shopfloor_session=${name}` }),
        ...(body !== '' && { 'content-type': 'application/json', 'content-length': body.length }),
      },
    });
    sent.on('response', (reply) => {
      reply.resume();
      reply.on('close', () => resolve(reply.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}
