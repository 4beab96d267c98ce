import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LinkFault } from '../../../nodes/plc/simulator/link-faults.ts';
import { ModbusServer } from '../../../nodes/plc/simulator/modbus-server.ts';
import { outcome } from './support/link-world.ts';
import { liveLink, tcp } from './support/live-link.ts';

/** Every word holds its own address, so that an answer to another question shows. */
const store = {
  read: (address: number, count: number) => Uint16Array.from({ length: count }, (_, index) => address + index),
  write: () => true,
};

const requests = fc.integer({ min: 1, max: 3 });
const fault: fc.Arbitrary<LinkFault> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'never-answer' as const,
      'wrong-transaction-id' as const,
      'bad-length' as const,
      'short-answer' as const,
      'split-answer' as const,
    ),
    requests,
  }),
  fc.record({ kind: fc.constant('answer-late' as const), delayMs: fc.integer({ min: 1, max: 120 }), requests }),
  fc.record({ kind: fc.constant('exception' as const), code: fc.constantFrom(1, 2, 4, 6, 11), requests }),
  fc.record({ kind: fc.constant('drop-after' as const), requests }),
  fc.constant<LinkFault>({ kind: 'drop-now' }),
);

describe('A link to a PLC that fails in every way at once', function () {
  this.timeout(60_000);

  for (const depth of [1, 4, 'auto'] as const) {
    it(`gives the right words or an error, and recovers (in flight: ${depth})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 4 }), async (faults) => {
          const server = new ModbusServer(store);
          const link = liveLink(tcp(await server.start()), { depth, requestTimeoutMs: 60 });
          try {
            for (const one of faults) await server.inject(one);
            const reads = Array.from({ length: 12 }, async (_, index) => {
              const address = 500 * index;
              const end = await outcome(link.readWords(address, 2));
              const right = `${address} ${address + 1}`;
              assert.ok(
                [right, 'timeout', 'disconnected', 'refused', 'protocol'].includes(end),
                `${end} for D${address}`,
              );
            });
            await Promise.all(reads);
            server.clearFaults();
            while ((await outcome(link.readWords(6000, 2))) !== '6000 6001') {
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
          } finally {
            await link.close();
            await server.stop();
          }
        }),
        { numRuns: 12 },
      );
    });
  }
});
