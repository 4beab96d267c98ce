import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PlcLinkError } from '../../../nodes/plc/plc-link.ts';
import { FakeSerialTransport, FakeTransport, type SentRequest } from './support/fake-transport.ts';
import { linkWorld, outcome, turn } from './support/link-world.ts';

/** What happens to the link next. */
type Step =
  | { readonly do: 'poll'; readonly slot: number }
  | { readonly do: 'command' }
  | { readonly do: 'answer' | 'exception' | 'short' | 'break' | 'accept' | 'refuse' | 'quiet' }
  | { readonly do: 'time'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('poll' as const), slot: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'command' }) },
  { weight: 8, arbitrary: fc.constant<Step>({ do: 'answer' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'accept' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>(
      { do: 'exception' },
      { do: 'short' },
      { do: 'break' },
      { do: 'refuse' },
      { do: 'quiet' },
    ),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 2_000 }) }) },
);

/** Long enough for queues to fill; fast-check would make short ones. */
const script = fc.array(step, { minLength: 20, maxLength: 120, size: 'max' });

/** A wire that notes how many of its requests were open at once and in which order they came. */
function observed<T extends FakeTransport>(wire: T, onSent: (request: SentRequest, wire: T) => void): T {
  const readWords = wire.readWords.bind(wire);
  const writeWords = wire.writeWords.bind(wire);
  wire.readWords = (address, count) => {
    const answer = readWords(address, count);
    onSent(wire.last, wire);
    return answer;
  };
  wire.writeWords = (address, words) => {
    const answer = writeWords(address, words);
    onSent(wire.last, wire);
    return answer;
  };
  return wire;
}

async function live(steps: readonly Step[], depth: number, serial: boolean): Promise<void> {
  const unsettled = new Map<FakeTransport, SentRequest[]>();
  const faults: string[] = [];
  /** Addresses of commands that were asked and have not left. */
  const waitingCommands = new Set<number>();
  const onSent = (request: SentRequest, wire: FakeTransport) => {
    const open = unsettled.get(wire) ?? [];
    unsettled.set(wire, [...open, request]);
    if (open.length >= Math.min(depth, wire.maxInFlight)) faults.push(`${open.length + 1} in flight at depth ${depth}`);
    if (wire.destroyed) faults.push('a request left on a wire that has ended');
    if (request.words) waitingCommands.delete(request.wireAddress);
    else if (waitingCommands.size > 0) faults.push('a poll left before a waiting command');
  };
  const { link, clock, wire } = linkWorld({ depth, queueTimeoutMs: 5_000 }, () =>
    observed(serial ? new FakeSerialTransport() : new FakeTransport(), onSent),
  );
  const outcomes: Promise<string>[] = [];
  let settled = 0;
  let commands = 0;
  const expect = (request: Promise<Uint16Array> | Promise<void>, onEnd: () => void = () => undefined) =>
    outcomes.push(
      outcome(request).then((end) => {
        settled += 1;
        onEnd();
        assert.ok(!end.startsWith('unexpected'), end);
        return end;
      }),
    );
  link.start();
  for (const next of steps) {
    const current = wire();
    const open = unsettled.get(current)?.[0];
    if (next.do === 'poll') expect(link.readWords(6000 + 100 * next.slot, 1));
    else if (next.do === 'command') {
      const address = 7000 + (commands++ % 1000);
      waitingCommands.add(address);
      expect(link.writeWords(address, Uint16Array.of(1)), () => waitingCommands.delete(address));
    } else if (next.do === 'time') clock.advance(next.ms);
    else if (next.do === 'accept') current.accept();
    else if (next.do === 'refuse') current.refuse();
    else if (next.do === 'break') current.breakOff();
    else if (next.do === 'quiet') {
      if (current instanceof FakeSerialTransport) current.becomeQuiet();
    } else if (open) {
      unsettled.set(current, (unsettled.get(current) ?? []).slice(1));
      if (next.do === 'answer') open.answer();
      else if (next.do === 'short') open.answer(new Uint16Array(0));
      else open.fail(new PlcLinkError('refused', 'exception 2'));
    }
    // A request that the link gave up on an open wire no longer counts as in flight.
    if (next.do === 'time' && serial) unsettled.set(wire(), []);
    await turn();
  }
  await link.close();
  await Promise.all(outcomes);
  assert.deepEqual(faults, []);
  assert.equal(settled, outcomes.length);
  assert.equal(clock.pendingTimers, 0);
}

describe('Whatever happens to the wire', () => {
  it('every request settles, depth holds, and commands leave before polls', async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.integer({ min: 1, max: 8 }), (steps, depth) => live(steps, depth, false)),
      { numRuns: 150 },
    );
  });

  it('a serial line never carries more than one request', async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.integer({ min: 1, max: 8 }), (steps, depth) => live(steps, depth, true)),
      { numRuns: 150 },
    );
  });
});
