// Decides whether a confirmed order may go to the PLC, and gives every reason when it may not.
import { type CentiKg, formatKg, roundToCentiKg, sumMass } from '../core/mass.ts';
import { equipmentOf } from './equipment-rule.ts';
import { massUnit } from './mass-units.ts';
import type { FetchedOrder, MassUnit, OrderComponent, OrderReason, RefusedOrder } from './messages.ts';
import type { OdooRecord } from './odoo-port.ts';
import { fitsPlc, plcName } from './plc-names.ts';
import {
  flagOf,
  idsOf,
  instantOf,
  quantityOf,
  type Reference,
  referenceOf,
  requiredReference,
  requiredText,
  textOf,
} from './record-values.ts';
import type { SyncSettings } from './sync-settings.ts';
import { coarseness, holdsEveryMass, type UnitRoundings } from './unit-resolution.ts';
import type { SeriesNames } from './version-table.ts';

export interface ProductFacts {
  readonly name: string;
  /** Internal reference. */
  readonly reference: string | null;
  /** By lot or serial number. */
  readonly tracked: boolean;
}

/** The first series that makes the lot of a finished product by itself (measured). */
const firstSeriesWithAutomaticLots = 19;

/** What an order is judged by. */
export interface JudgementWorld {
  /** Mapped by product id. */
  readonly products: ReadonlyMap<number, ProductFacts>;
  readonly units: UnitRoundings;
  readonly settings: SyncSettings;
  readonly names: SeriesNames;
}

type Reasons = OrderReason[];

export function judgeOrder(
  order: OdooRecord,
  moves: readonly OdooRecord[],
  world: JudgementWorld,
): FetchedOrder | RefusedOrder {
  const { products, settings, names } = world;
  const reasons: Reasons = [];
  const refuse = (code: string, message: string) => {
    reasons.push({ code, message });
  };
  const orderName = requiredText(order, 'name');
  const product = requiredReference(order, 'product_id');
  const facts = products.get(product.id);
  const quantity = plannedMass(order, 'product_qty', requiredReference(order, 'product_uom_id'), world, refuse, {
    what: 'the order',
    maximum: settings.maximumOrderCentiKg,
  });
  if (facts?.tracked && names.series < firstSeriesWithAutomaticLots) {
    refuse('lot-required', `${product.name} is tracked by lot; Odoo ${names.series} will not close it without one`);
  }
  if (idsOf(order, 'move_byproduct_ids').length > 0) refuse('by-products', 'it has by-products, which no silo reports');

  const components = judgeMoves(moves, world, refuse);
  const warnings = stockWarnings(moves, products);
  if (settings.stockPolicy === 'refuse') for (const { code, message } of warnings) refuse(code, message);

  const bom = referenceOf(order, 'bom_id');
  const bomCode = bom ? codeOfBom(bom, facts) : null;
  const plcOrderName = plcName(orderName, 'MO', order.id, settings.namePolicy);
  const plcBomCode = bom ? plcName(bomCode ?? '', 'BOM', bom.id, settings.namePolicy) : 'NO-BOM';
  const productName = facts?.name ?? product.name;
  // An internal reference tells an operator more than a key made of the id.
  const shownName = fitsPlc(productName) ? productName : (facts?.reference ?? productName);
  const plcFinishedGoods = plcName(shownName, 'P', product.id, settings.namePolicy);
  for (const [name, fitting] of [
    [orderName, plcOrderName],
    [bomCode ?? bom?.name ?? '', plcBomCode],
    [productName, plcFinishedGoods],
  ]) {
    if (fitting === undefined) refuse('name-too-long', `"${name}" does not fit the PLC's 16 ASCII characters`);
  }

  if (reasons.length > 0 || !quantity || !plcOrderName || !plcBomCode || !plcFinishedGoods) {
    return { orderId: order.id, orderName, reasons };
  }
  return {
    orderId: order.id,
    orderName,
    plcOrderName,
    plcBomCode,
    plcFinishedGoods,
    productId: product.id,
    productName,
    bomCode: bomCode ?? bom?.name ?? '',
    quantityCentiKg: quantity.mass,
    unit: quantity.unit,
    scheduledStart: instantOf(order, names.plannedStart),
    components,
    ...(warnings.length > 0 && { warnings }),
  };
}

function judgeMoves(
  moves: readonly OdooRecord[],
  world: JudgementWorld,
  refuse: (code: string, message: string) => void,
): OrderComponent[] {
  const { products, settings, names } = world;
  const components: OrderComponent[] = [];
  const open = moves.filter((move) => textOf(move, 'state') !== 'cancel');
  if (open.length === 0) refuse('no-components', 'it has no components');
  for (const move of open) {
    const product = requiredReference(move, 'product_id');
    const { name, reference } = products.get(product.id) ?? { name: product.name, reference: null };
    const label = reference ? `[${reference}] ${name}` : name;
    if (isRecorded(move, names)) refuse('already-consumed', `${label}: consumption is recorded already`);
    if ((textOf(move, 'has_tracking') ?? 'none') !== 'none') {
      refuse('lot-required', `${label} is tracked by lot, and a silo knows no lots`);
    }
    const planned = plannedMass(move, 'product_uom_qty', requiredReference(move, 'product_uom'), world, refuse, {
      what: label,
      maximum: settings.maximumComponentCentiKg,
    });
    const finding = equipmentOf(settings.equipmentRule, { reference, name });
    if (finding.equipment === null) {
      const codes = finding.found.join(' and ');
      const ambiguous = `${label} names two pieces of equipment, ${codes}`;
      const message = finding.code === 'no-equipment' ? `${label} has no equipment code 101..115` : ambiguous;
      refuse(finding.code, message);
      continue;
    }
    const other = components.find(({ equipment }) => equipment === finding.equipment);
    if (other?.productId === product.id) {
      // One ingredient on several lines of the BoM is one dose; the posting splits it again by their plan.
      if (planned) components.splice(components.indexOf(other), 1, summed(other, planned.mass));
      continue;
    }
    if (other) {
      refuse('equipment-twice', `${other.productName} and ${name} both come from equipment ${finding.equipment}`);
      continue;
    }
    if (!planned) continue;
    components.push({
      moveId: move.id,
      productId: product.id,
      productName: name,
      equipment: finding.equipment,
      massCentiKg: planned.mass,
      unit: planned.unit,
    });
  }
  for (const { productName, massCentiKg } of components) {
    if (massCentiKg <= settings.maximumComponentCentiKg) continue;
    refuse('over-limit', `${productName} is over ${formatKg(settings.maximumComponentCentiKg)} kg`);
  }
  return components.sort((a, b) => a.equipment - b.equipment);
}

function summed(component: OrderComponent, mass: CentiKg): OrderComponent {
  return { ...component, massCentiKg: sumMass([component.massCentiKg, mass]) };
}

/** Components whose stock Odoo has not set aside: the batch would be posted to less than nothing. */
function stockWarnings(moves: readonly OdooRecord[], products: ReadonlyMap<number, ProductFacts>): OrderReason[] {
  const named = (states: readonly string[]) =>
    moves
      .filter((move) => states.includes(textOf(move, 'state') ?? ''))
      .map((move) => {
        const product = requiredReference(move, 'product_id');
        return products.get(product.id)?.name ?? product.name;
      })
      .join(', ');
  const [picks, missing] = [named(['waiting']), named(['confirmed', 'partially_available'])];
  return [
    ...(picks === '' ? [] : [{ code: 'pick-open', message: `a transfer that brings ${picks} is still open` }]),
    ...(missing === '' ? [] : [{ code: 'stock-not-reserved', message: `no stock is reserved for ${missing}` }]),
  ];
}

function isRecorded(move: OdooRecord, names: SeriesNames): boolean {
  if (textOf(move, 'state') === 'done') return true;
  // From 17 on an unpicked quantity is only reserved.
  return (names.picked === null || flagOf(move, names.picked)) && quantityOf(move, names.consumedQuantity) !== 0;
}

function plannedMass(
  record: OdooRecord,
  field: string,
  unitReference: Reference,
  { settings, units }: JudgementWorld,
  refuse: (code: string, message: string) => void,
  limit: { readonly what: string; readonly maximum: CentiKg },
): { readonly mass: CentiKg; readonly unit: MassUnit } | undefined {
  const unit = massUnit(settings.massUnits, unitReference);
  if (!unit) {
    refuse('unit-not-a-mass', `${limit.what} is in "${unitReference.name}", which is no known mass`);
    return undefined;
  }
  if (!holdsEveryMass(unit, units, settings.decimals)) {
    const why = coarseness(unit, units, settings.decimals);
    refuse(
      'unit-too-coarse',
      `${limit.what} is in "${unit.name}": ${why}. Plan it in kg, or make the unit finer in Odoo`,
    );
    return undefined;
  }
  const amount = quantityOf(record, field);
  // Beyond this no integer of a hundredth of a kilogram is exact.
  if (Math.abs(amount * unit.centiKgPerUnit) > limit.maximum) {
    refuse('over-limit', `${limit.what} is over ${formatKg(limit.maximum)} kg`);
    return undefined;
  }
  const mass = roundToCentiKg(amount, unit.centiKgPerUnit);
  if (mass <= 0) {
    refuse('quantity-not-positive', `${limit.what} is ${amount} ${unit.name}`);
    return undefined;
  }
  return { mass, unit };
}

/** Odoo displays a BoM as `CODE: product`, or as the product alone when it has no code. */
function codeOfBom(bom: Reference, product: ProductFacts | undefined): string | null {
  const bare = product ? [product.name, `[${product.reference}] ${product.name}`] : [];
  if (bare.includes(bom.name)) return null;
  return /^(.+?): /.exec(bom.name)?.[1] ?? null;
}
