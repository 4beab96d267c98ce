import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultEquipmentRule, equipmentOf, parseEquipmentRule } from '../../nodes/odoo/equipment-rule.ts';
import { defaultMassUnits, massUnit, parseMassUnits } from '../../nodes/odoo/mass-units.ts';
import { fitsPlc, plcName } from '../../nodes/odoo/plc-names.ts';
import { namesOf } from '../../nodes/odoo/version-table.ts';

describe('the equipment of a product', () => {
  const cases: ReadonlyArray<readonly [string, string | null, string, number | string]> = [
    ['a code in the internal reference', 'SILO-107', 'Onggok', 107],
    ['a bare code as reference', '115', 'FML', 115],
    ['a code in the name', null, 'Jagung giling [101]', 101],
    ['the reference before the name', '102', 'Jagung giling [101]', 102],
    ['a reference without a code leaves it to the name', 'RM-JGG', 'Jagung 103', 103],
    ['a code said twice', '104', 'Kelapa 104 (104)', 104],
    ['two codes in one text', 'SILO-101-102', 'Jagung', 'ambiguous-equipment'],
    ['no code', 'RM-9', 'Garam', 'no-equipment'],
    ['a code outside 101..115', '116', 'Air', 'no-equipment'],
    ['a longer number', 'ART-21015', 'Dedak', 'no-equipment'],
    ['a number outside the range beside a code', '250', 'Sak 250 g untuk 113', 113],
  ];
  for (const [what, reference, name, expected] of cases) {
    it(`is found by ${what}`, () => {
      const finding = equipmentOf(defaultEquipmentRule, { reference, name });
      assert.equal(finding.equipment ?? ('code' in finding ? finding.code : undefined), expected);
    });
  }

  it('follows a table before any pattern', () => {
    const rule = parseEquipmentRule({ equipmentMapping: 'RM-7 = 103\nGaram dapur = 112\n' });
    assert.deepEqual(equipmentOf(rule, { reference: 'RM-7', name: 'Onggok 105' }), { equipment: 103 });
    assert.deepEqual(equipmentOf(rule, { reference: null, name: 'Garam dapur' }), { equipment: 112 });
  });

  it('follows a pattern of the plant', () => {
    const rule = parseEquipmentRule({ equipmentPattern: 'S/(\\d{3})' });
    assert.deepEqual(equipmentOf(rule, { reference: 'S/109 R/101', name: 'x' }), { equipment: 109 });
  });

  it('refuses a wrong pattern and a wrong line by its field', () => {
    assert.throws(() => parseEquipmentRule({ equipmentPattern: '(' }), /equipmentPattern/);
    assert.throws(() => parseEquipmentRule({ equipmentMapping: 'RM-7 = 99' }), /equipmentMapping: line 1/);
  });
});

describe('names in the PLC', () => {
  it('are the names themselves where they fit', () => {
    assert.equal(plcName('WH/MO/00001', 'MO', 1, 'short-key'), 'WH/MO/00001');
    assert.equal(plcName('1234567890123456', 'P', 1, 'short-key'), '1234567890123456');
  });

  it('are a short key for a longer or foreign name, never a cut one', () => {
    assert.equal(plcName('Pakan Sapi Perah Laktasi 18', 'P', 42, 'short-key'), 'P-42');
    assert.equal(plcName('WH/MO/00001-001-X', 'MO', 7, 'short-key'), 'MO-7');
    assert.equal(plcName('Crème', 'P', 42, 'short-key'), 'P-42');
    assert.equal(plcName('', 'BOM', 3, 'short-key'), 'BOM-3');
  });

  it('are refused instead where the plant wants that', () => {
    assert.equal(plcName('Pakan Sapi Perah Laktasi 18', 'P', 42, 'refuse'), undefined);
  });

  it('always fit, and differ for different orders', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(name, name, fc.integer({ min: 1, max: 2 ** 31 }), (one, other, id) => {
        const first = plcName(one, 'MO', id, 'short-key');
        const second = plcName(other, 'MO', id + 1, 'short-key');
        if (first !== undefined) assert.ok(fitsPlc(first) && (first === one || first === `MO-${id}`));
        // Two orders meet only when somebody gives an order the name of another's key.
        if (one !== other && first === second) assert.ok([one, other].some((text) => /^MO-\d+$/.test(text)));
      }),
    );
  });
});

describe('units of mass', () => {
  for (const [name, expected] of [
    ['kg', 100],
    ['KG', 100],
    [' Ton ', 100_000],
    ['g', 0.1],
    ['Units', undefined],
    ['L', undefined],
  ] as const) {
    it(`${expected === undefined ? 'refuse' : 'know'} "${name}"`, () => {
      assert.equal(massUnit(defaultMassUnits, { id: 1, name })?.centiKgPerUnit, expected);
    });
  }

  it('take the names of the plant as well', () => {
    const units = parseMassUnits('sak = 50\nkuintal=100');
    assert.equal(massUnit(units, { id: 1, name: 'Sak' })?.centiKgPerUnit, 5000);
    assert.equal(massUnit(units, { id: 1, name: 'kg' })?.centiKgPerUnit, 100);
    assert.throws(() => parseMassUnits('sak 50'), /massUnits: line 1/);
    assert.throws(() => parseMassUnits('sak = 0'), /massUnits: line 1/);
  });
});

describe('names of fields', () => {
  const table = [
    [14, 'date_planned_start', 'quantity_done', null, null, 'check_access_rights'],
    [15, 'date_planned_start', 'quantity_done', null, null, 'check_access_rights'],
    [16, 'date_planned_start', 'quantity_done', null, 'manual_consumption', 'check_access_rights'],
    [17, 'date_start', 'quantity', 'picked', 'manual_consumption', 'check_access_rights'],
    [18, 'date_start', 'quantity', 'picked', 'manual_consumption', 'has_access'],
    [19, 'date_start', 'quantity', 'picked', 'manual_consumption', 'has_access'],
    [23, 'date_start', 'quantity', 'picked', 'manual_consumption', 'has_access'],
  ] as const;
  for (const [series, plannedStart, consumedQuantity, picked, manualConsumption, rightsMethod] of table) {
    it(`are those of Odoo ${series}`, () => {
      assert.deepEqual(namesOf(series), {
        series,
        plannedStart,
        consumedQuantity,
        picked,
        manualConsumption,
        rightsMethod,
      });
    });
  }
});
