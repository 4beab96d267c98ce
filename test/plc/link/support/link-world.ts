// A link over fake wires on a clock that stands still.
import { AddressMap } from '../../../../nodes/plc/link/address-map.ts';
import type { ScheduledLinkOptions } from '../../../../nodes/plc/link/link-options.ts';
import type { LinkStatus } from '../../../../nodes/plc/link/link-status.ts';
import { ScheduledLink } from '../../../../nodes/plc/link/scheduled-link.ts';
import { PlcLinkError } from '../../../../nodes/plc/plc-link.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { FakeTransport } from './fake-transport.ts';

export const requestTimeoutMs = 1_000;
export const connectTimeoutMs = 5_000;

export interface LinkWorld<T extends FakeTransport> {
  readonly link: ScheduledLink;
  readonly clock: ManualClock;
  /** Every connection attempt, oldest first. */
  readonly wires: readonly T[];
  readonly transitions: readonly LinkStatus[];
  /** The newest wire. */
  readonly wire: () => T;
}

export function linkWorld(options?: Partial<ScheduledLinkOptions>): LinkWorld<FakeTransport>;
export function linkWorld<T extends FakeTransport>(
  options: Partial<ScheduledLinkOptions>,
  makeWire: () => T,
): LinkWorld<T>;
export function linkWorld(
  options: Partial<ScheduledLinkOptions> = {},
  makeWire: () => FakeTransport = () => new FakeTransport(),
): LinkWorld<FakeTransport> {
  const clock = new ManualClock();
  const wires: FakeTransport[] = [];
  const transitions: LinkStatus[] = [];
  const link = new ScheduledLink({
    connect: () => {
      const wire = makeWire();
      wires.push(wire);
      return wire;
    },
    addresses: new AddressMap({ preset: 'none', offset: 0, base: 0 }),
    writable: [{ address: 7000, count: 1000 }],
    wordsPerRequest: 125,
    depth: 1,
    requestTimeoutMs,
    connectTimeoutMs,
    queueLimit: 20,
    queueTimeoutMs: 10_000,
    backoff: { firstMs: 400, capMs: 10_000 },
    clock,
    random: () => 0.5,
    onStatus: (status) => transitions.push(status),
    ...options,
  });
  const wire = () => {
    const newest = wires.at(-1);
    if (!newest) throw new Error('No connection was attempted.');
    return newest;
  };
  return { link, clock, wires, transitions, wire };
}

/** A link whose first connection is up. */
export async function connectedWorld<T extends FakeTransport = FakeTransport>(
  options: Partial<ScheduledLinkOptions> = {},
  makeWire?: () => T,
): Promise<LinkWorld<T>> {
  const world = makeWire ? linkWorld(options, makeWire) : (linkWorld(options) as LinkWorld<T>);
  world.link.start();
  world.wire().accept();
  await turn();
  return world;
}

/** Lets everything happen that needs no time. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How a request ended: its words, `written`, or the kind of its error. */
export async function outcome(request: Promise<Uint16Array> | Promise<void>): Promise<string> {
  try {
    const words = await request;
    return words ? [...words].join(' ') : 'written';
  } catch (error) {
    return error instanceof PlcLinkError ? error.kind : `unexpected ${String(error)}`;
  }
}
