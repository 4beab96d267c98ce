import assert from 'node:assert/strict';
import type { LinkState } from '../../../nodes/plc/connection-contract.ts';
import { SharedLink } from '../../../nodes/plc/link/shared-link.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import type { FakeTransport } from './support/fake-transport.ts';
import { type LinkWorld, linkWorld, outcome, turn } from './support/link-world.ts';

function sharedWorld() {
  const clock = new ManualClock();
  const worlds: LinkWorld<FakeTransport>[] = [];
  const transitions: LinkState[] = [];
  const shared = new SharedLink({
    peer: 'plc:502',
    open: (onStatus) => {
      const world = linkWorld({ onStatus });
      worlds.push(world);
      return world.link;
    },
    clock,
    onTransition: (state) => transitions.push(state),
  });
  return { shared, clock, worlds, transitions };
}

describe('One connection for all nodes of a PLC', () => {
  it('is opened for the first user and not before', async () => {
    const { shared, worlds } = sharedWorld();
    assert.equal(worlds.length, 0);
    assert.equal(await outcome(shared.readWords(6000, 1)), 'disconnected');
    shared.use(() => undefined);
    shared.use(() => undefined);
    await turn();
    assert.equal(worlds.length, 1);
    assert.equal(worlds[0]?.wires.length, 1);
    await shared.close();
  });

  it('tells each user the state at once and every change', async () => {
    const { shared, worlds, transitions } = sharedWorld();
    const seen: string[] = [];
    const stop = shared.use(({ state }) => seen.push(state));
    await turn();
    worlds[0]?.wire().accept();
    await turn();
    const late: LinkState[] = [];
    shared.use((state) => late.push(state));
    worlds[0]?.wire().breakOff();
    stop();
    assert.deepEqual(late, [
      { state: 'connected', detail: 'Connected to plc:502.' },
      { state: 'waiting', detail: 'No connection to plc:502: read ECONNRESET Trying again.' },
    ]);
    assert.deepEqual(seen, ['connecting', 'connecting', 'connected', 'waiting']);
    assert.deepEqual(
      transitions.map(({ state }) => state),
      ['connecting', 'connected', 'waiting'],
    );
    await shared.close();
  });

  it('stays through a deploy that stops every user and starts them again', async () => {
    const { shared, worlds, clock } = sharedWorld();
    for (let deploy = 0; deploy < 5; deploy += 1) {
      const stop = shared.use(() => undefined);
      await turn();
      stop();
      clock.advance(500);
    }
    shared.use(() => undefined);
    clock.advance(60_000);
    await turn();
    assert.equal(worlds.length, 1);
    assert.equal(worlds[0]?.wire().destroyed, false);
    await shared.close();
  });

  it('ends after the last user, and a new one waits until it has ended', async () => {
    const { shared, worlds, clock } = sharedWorld();
    const stop = shared.use(() => undefined);
    const other = shared.use(() => undefined);
    await turn();
    const wire = worlds[0]?.wire();
    assert.ok(wire);
    let release: () => void = () => undefined;
    wire.destroy = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    stop();
    stop();
    clock.advance(10_000);
    await turn();
    assert.equal(worlds[0]?.link.status.phase, 'connecting');
    other();
    clock.advance(10_000);
    await turn();
    assert.equal(worlds[0]?.link.status.phase, 'closed');
    shared.use(() => undefined);
    await turn();
    assert.equal(worlds[1]?.wires.length, 0);
    const early = outcome(shared.readWords(6000, 1));
    release();
    await turn();
    assert.equal(worlds[1]?.wires.length, 1);
    worlds[1]?.wire().accept();
    await turn();
    worlds[1]?.wire().last.answer();
    assert.equal(await early, '6000');
    await shared.close();
  });

  it('is closed for good', async () => {
    const { shared, worlds, clock } = sharedWorld();
    shared.use(() => undefined);
    await turn();
    await shared.close();
    shared.use(() => undefined);
    assert.equal(await outcome(shared.readWords(6000, 1)), 'closed');
    assert.equal(await outcome(shared.writeWords(7000, Uint16Array.of(1))), 'closed');
    assert.equal(worlds.length, 1);
    assert.equal(clock.pendingTimers, 0);
  });
});
