import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LinkFault } from '../../nodes/odoo/simulator/link-faults.ts';
import type { SimulatedSeries } from '../../nodes/odoo/simulator/records.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { batchOf, deliveredBy, type Mill, openMill } from './feed-mill.ts';

/** Most tries that any number of the faults below may take; each hits at least one call. */
const mostTries = 30;

const fault: fc.Arbitrary<LinkFault> = fc.record({
  kind: fc.constantFrom(
    'cut-before',
    'cut-after-commit',
    'html-page',
    'garbage',
    'serialization-failure',
    'too-many-connections',
    'none-fault',
    'context-lost',
  ),
  method: fc.constantFrom('search_read', 'read', 'write', 'button_mark_done', 'action_confirm', 'authenticate'),
  times: fc.integer({ min: 1, max: 3 }),
});

for (const [series, secret] of [
  [15, 'shopfloor'],
  [17, 'shopfloor'],
  [19, 'shopfloor-api-key'],
] as ReadonlyArray<readonly [SimulatedSeries, string]>) {
  describe(`posting to Odoo ${series} whatever the link does`, () => {
    let mill: Mill;
    const clock = new ManualClock();
    before(async () => {
      mill = await openMill(series, { endpoint: { secret }, connect: { clock, random: () => 0 } });
    });
    after(() => mill.close());

    it('ends with exactly what was delivered, posted once', async () => {
      const scatter = fc.integer({ min: -150, max: 150 });
      const finished = fc.integer({ min: 97_000, max: 103_000 });
      await fc.assert(
        fc.asyncProperty(fc.array(fault, { maxLength: 5 }), scatter, finished, async (faults, scatterCentiKg, made) => {
          mill.odoo.clearFaults();
          mill.odoo.createOrder({ feed: 0, quantityKg: 1000 });
          const order = await mill.fetchOne();
          const batch = batchOf(order, { scatterCentiKg, finishedCentiKg: made, acceptedBy: 'Sari' });
          for (const one of faults) mill.odoo.fault(one);
          let tries = 0;
          for (;;) {
            const result = await mill.sync.push(batch);
            if (result.outcome === 'verified') break;
            assert.equal(result.outcome, 'later', JSON.stringify(result));
            clock.advance(result.outcome === 'later' ? result.retryAfterMs : 0);
            tries += 1;
            assert.ok(tries < mostTries, JSON.stringify(result));
          }
          const books = mill.odoo.order(order.orderId);
          assert.equal(books.closedTimes, 1);
          assert.deepEqual(books.consumedCentiKg, deliveredBy(batch));
          assert.equal(books.producedCentiKg, made);
          assert.ok(books.postings.every(({ kind }) => kind !== 'changed-after-done'));
        }),
        { numRuns: 40 },
      );
    }).timeout(60_000);
  });
}
