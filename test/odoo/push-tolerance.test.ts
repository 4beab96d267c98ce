import assert from 'node:assert/strict';
import fc from 'fast-check';
import { centiKg, sumMass } from '../../nodes/core/mass.ts';
import type { OdooPushCommand } from '../../nodes/odoo/messages.ts';
import type { OrderMove } from '../../nodes/odoo/order-moves.ts';
import { roundingOf } from '../../nodes/odoo/order-moves.ts';
import { expectationOf } from '../../nodes/odoo/push-expectation.ts';
import { deviationsOf, share } from '../../nodes/odoo/push-tolerance.ts';
import { recordValues } from '../../nodes/odoo/push-write.ts';
import { defaultSyncSettings } from '../../nodes/odoo/sync-settings.ts';
import { namesOf } from '../../nodes/odoo/version-table.ts';

const kg = { id: 1, name: 'kg', centiKgPerUnit: 100 };
const mass = fc.integer({ min: 0, max: 10_000_000 });

function moveOf(productId: number, planned: number): OrderMove {
  return {
    id: 1000 + productId,
    product: { id: productId, name: `[SILO-${productId}] x` },
    unit: kg,
    planned: centiKg(planned),
    consumed: centiKg(0),
    state: 'assigned',
    tracked: false,
  };
}

/** One component for each pair of planned and actual mass; product ids are equipment codes. */
function pushOf(masses: ReadonlyArray<readonly [number, number]>, planned: number, finished: number): OdooPushCommand {
  return {
    command: 'push',
    pushId: 'p',
    orderId: 1,
    orderName: 'x',
    plannedQuantityCentiKg: centiKg(planned),
    finishedQuantityCentiKg: centiKg(finished),
    unit: kg,
    components: masses.map(([plannedMass, actual], index) => ({
      equipment: 101 + index,
      productId: 101 + index,
      plannedCentiKg: centiKg(plannedMass),
      actualCentiKg: centiKg(actual),
      unit: kg,
    })),
    unplanned: [],
    close: true,
  };
}

const expectationFor = (command: OdooPushCommand) =>
  expectationOf(
    command,
    command.components.map(({ productId, plannedCentiKg }) => moveOf(productId, plannedCentiKg)),
    defaultSyncSettings.equipmentRule,
  );

describe('the share of a plan', () => {
  it('is the whole for the whole, nothing for nothing, and never more than half a unit off', () => {
    fc.assert(
      fc.property(mass, mass, fc.integer({ min: 1, max: 10_000_000 }), (planned, finished, whole) => {
        const result = share(centiKg(planned), centiKg(finished), centiKg(whole));
        const exact = 2n * BigInt(result) * BigInt(whole) - 2n * BigInt(planned) * BigInt(finished);
        assert.ok(exact <= BigInt(whole) && exact > -BigInt(whole) - 1n);
        assert.equal(share(centiKg(planned), centiKg(whole), centiKg(whole)), planned);
        assert.equal(share(centiKg(planned), centiKg(0), centiKg(whole)), 0);
      }),
    );
  });
});

describe('the tolerance', () => {
  it('lets a batch pass that is exactly what its finished quantity needs', () => {
    fc.assert(
      fc.property(
        fc.array(mass, { minLength: 1, maxLength: 15 }),
        fc.integer({ min: 96, max: 104 }),
        (plan, percent) => {
          const masses = plan.map(
            (planned) => [planned, share(centiKg(planned), centiKg(percent), centiKg(100))] as const,
          );
          const command = pushOf(masses, 1_000_000, percent * 10_000);
          assert.deepEqual(deviationsOf(command, expectationFor(command), defaultSyncSettings), []);
        },
      ),
    );
  });

  it('stops every component beyond percentage and floor, and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(mass, mass), { minLength: 1, maxLength: 15 }), (masses) => {
        const command = pushOf(masses, 1000, 1000);
        const stopped = deviationsOf(command, expectationFor(command), defaultSyncSettings).map(
          ({ equipment }) => equipment,
        );
        const expected = masses.flatMap(([planned, actual], index) =>
          Math.abs(actual - planned) > Math.max(200, planned * 0.05) ? [101 + index] : [],
        );
        assert.deepEqual(stopped, expected);
      }),
    );
  });

  it('of an order that stays open stops only more than the whole plan', () => {
    const command = {
      ...pushOf(
        [
          [10_000, 100],
          [10_000, 12_000],
        ],
        20_000,
        0,
      ),
      close: false,
    };
    const deviations = deviationsOf(command, expectationFor(command), defaultSyncSettings);
    assert.deepEqual(
      deviations.map(({ equipment }) => equipment),
      [102],
    );
  });
});

describe('the one write', () => {
  const field = (values: unknown, name: string) => Reflect.get(values as object, name) as unknown;

  for (const [series, quantity, flags] of [
    [14, 'quantity_done', {}],
    [15, 'quantity_done', {}],
    [16, 'quantity_done', { manual_consumption: true }],
    [17, 'quantity', { picked: true, manual_consumption: true }],
    [18, 'quantity', { picked: true, manual_consumption: true }],
    [19, 'quantity', { picked: true, manual_consumption: true }],
  ] as const) {
    it(`speaks Odoo ${series}`, () => {
      const command = pushOf([[500, 512]], 500, 510);
      assert.deepEqual(recordValues(command, expectationFor(command), namesOf(series)), {
        qty_producing: 5.1,
        move_raw_ids: [[1, 1101, { [quantity]: 5.12, ...flags }]],
      });
    });
  }

  it('carries every component once with its whole mass, and only moves of the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(mass, mass), { minLength: 1, maxLength: 15 }), (masses) => {
        const command = pushOf(masses, 1000, 1000);
        const commands = field(recordValues(command, expectationFor(command), namesOf(17)), 'move_raw_ids');
        const written = (commands as ReadonlyArray<readonly [number, number, object]>).map(([code, id, values]) => {
          assert.equal(code, 1);
          assert.ok(id >= 1101 && id <= 1115);
          return centiKg(Math.round(Number(field(values, 'quantity')) * 100));
        });
        assert.equal(sumMass(written), sumMass(command.components.map(({ actualCentiKg }) => actualCentiKg)));
      }),
    );
  });
});

describe('the rounding of a unit', () => {
  it('is half of the last decimal that Odoo keeps', () => {
    assert.equal(roundingOf(kg, 2), 0);
    assert.equal(roundingOf({ id: 1, name: 't', centiKgPerUnit: 100_000 }, 2), 500);
    assert.equal(roundingOf({ id: 1, name: 't', centiKgPerUnit: 100_000 }, 3), 50);
    assert.equal(roundingOf({ id: 1, name: 'g', centiKgPerUnit: 0.1 }, 2), 0);
    assert.equal(roundingOf(kg, 1), 5);
  });
});
