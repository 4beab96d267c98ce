// What a cattle-feed mill has in Odoo: fifteen ingredients in silos and tanks, and the feeds made of them.
import type { BomRecord, OdooDatabase, ProductRecord } from './records.ts';

/** Names as an Indonesian mill writes them; the equipment code is in the internal reference or in the name. */
const ingredients: ReadonlyArray<{ readonly code: string | false; readonly name: string }> = [
  { code: 'SILO-101', name: 'Jagung giling' },
  { code: 'SILO-102', name: 'Dedak padi' },
  { code: 'SILO-103', name: 'Bungkil kedelai' },
  { code: false, name: 'Bungkil kelapa [104]' },
  { code: false, name: 'Bungkil sawit [105]' },
  { code: 'SILO-106', name: 'Pollard gandum' },
  { code: 'SILO-107', name: 'Onggok' },
  { code: 'SILO-108', name: 'Kulit kopi' },
  { code: 'SILO-109', name: 'Corn gluten feed' },
  { code: false, name: 'Tepung ikan [110]' },
  { code: 'SILO-111', name: 'Kapur (CaCO3)' },
  { code: 'SILO-112', name: 'Garam' },
  { code: 'SILO-113', name: 'Premix mineral' },
  { code: 'LQ-114', name: 'Tetes tebu (molasses)' },
  { code: 'LQ-115', name: 'FML' },
];

/** Kilograms of each ingredient 101..115 for 1000 kg of feed. */
const feeds: ReadonlyArray<{
  readonly code: string;
  readonly name: string;
  readonly bom: string;
  readonly kgFor1000: readonly number[];
}> = [
  {
    code: 'SP-16',
    name: 'Pakan Sapi 16',
    bom: 'BOM-SP-16',
    kgFor1000: [220, 180, 90, 80, 90, 120, 60, 40, 30, 10, 12, 5, 8, 45, 10],
  },
  {
    code: 'SPT-18',
    name: 'Pakan Sapi Perah Laktasi 18',
    bom: 'BOM-SPT-18',
    kgFor1000: [260, 140, 130, 70, 60, 130, 40, 20, 50, 20, 15, 5, 10, 40, 10],
  },
  {
    code: 'PGK-13',
    name: 'Penggemukan 13',
    bom: 'BOM-PGK-13',
    kgFor1000: [180, 220, 40, 90, 150, 90, 90, 50, 0, 0, 14, 6, 10, 60, 0],
  },
  {
    code: 'PDT-14',
    name: 'Pedet Starter',
    bom: 'BOM-PDT-14',
    kgFor1000: [300, 90, 160, 40, 30, 150, 20, 0, 80, 40, 16, 4, 15, 40, 15],
  },
];

export interface Catalogue {
  /** Mapped by equipment code 101..115. */
  readonly ingredients: ReadonlyMap<number, ProductRecord>;
  readonly boms: readonly BomRecord[];
  readonly units: { readonly kg: number; readonly g: number; readonly t: number; readonly pieces: number };
  /** Operation types: two lines, and a workshop whose orders are no feed. */
  readonly pickingTypeIds: readonly number[];
  readonly companyId: number;
}

export function seedCatalogue(db: OdooDatabase): Catalogue {
  const unit = (name: string) => db.insert(db.units, { name, rounding: 0.01 }).id;
  const units = { kg: unit('kg'), g: unit('g'), t: unit('t'), pieces: unit('Units') };
  const products = ingredients.map(({ code, name }) =>
    db.insert(db.products, { name, defaultCode: code, tracking: 'none', unitId: units.kg }),
  );
  const boms = feeds.map((feed) => {
    const product = db.insert(db.products, {
      name: feed.name,
      defaultCode: feed.code,
      tracking: 'none',
      unitId: units.kg,
    });
    const lines = feed.kgFor1000.flatMap((quantity, index) => {
      const ingredient = products[index];
      return ingredient && quantity > 0 ? [{ productId: ingredient.id, quantity, unitId: units.kg }] : [];
    });
    return db.insert(db.boms, {
      code: feed.bom,
      productId: product.id,
      quantity: 1000,
      unitId: units.kg,
      consumption: 'warning',
      lines,
    });
  });
  const pickingTypeIds = ['Line 1: Manufacturing', 'Line 2: Manufacturing', 'Workshop: Manufacturing'].map(
    (name) => db.insert(db.pickingTypes, { name }).id,
  );
  return {
    ingredients: new Map(products.map((product, index) => [101 + index, product])),
    boms,
    units,
    pickingTypeIds,
    companyId: db.insert(db.companies, { name: 'Pakan Jaya' }).id,
  };
}
