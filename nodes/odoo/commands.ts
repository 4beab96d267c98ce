// Reads a message's payload as a command of this room; refuses what is incomplete before anything is asked of Odoo.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { type OdooCommand, personCodes } from './messages.ts';
import { isRecordId } from './record-values.ts';

/** Throws InvalidInput that lists every wrong field. */
export function parseCommand(payload: unknown): OdooCommand {
  const fields: FieldFault[] = [];
  const command = isObject(payload) ? payload : {};
  const need = (holds: boolean, field: string, message: string) => {
    if (!holds) fields.push({ field, message });
  };
  switch (command.command) {
    case 'status':
      break;
    case 'fetch':
      need(isWhole(command.limit, 1, 100), 'limit', 'must be a whole number from 1 to 100');
      need(command.exclude === undefined || isIdList(command.exclude), 'exclude', 'must be a list of order ids');
      break;
    case 'push':
      checkTarget(command, need);
      need(isMass(command.plannedQuantityCentiKg), 'plannedQuantityCentiKg', massRule);
      need(isMass(command.finishedQuantityCentiKg), 'finishedQuantityCentiKg', massRule);
      need(isUnit(command.unit), 'unit', 'must be {id, name, centiKgPerUnit > 0}');
      need(typeof command.close === 'boolean', 'close', 'must be true or false');
      need(command.acceptedBy === undefined || isText(command.acceptedBy), 'acceptedBy', 'must be a name');
      need(command.accepted === undefined || isCodeList(command.accepted), 'accepted', 'must be a list of codes');
      need(
        command.acceptedQuantityCentiKg === undefined || isMass(command.acceptedQuantityCentiKg),
        'acceptedQuantityCentiKg',
        massRule,
      );
      need(
        command.remainder === undefined || command.remainder === 'close' || command.remainder === 'backorder',
        'remainder',
        'must be close or backorder',
      );
      if (command.recorded !== undefined) checkList(command.recorded, 'recorded', checkUnplanned, need);
      checkList(command.components, 'components', checkComponent, need);
      checkList(command.unplanned, 'unplanned', checkUnplanned, need);
      break;
    case 'cancel':
      checkTarget(command, need);
      break;
    case 'look':
      checkList(command.orders, 'orders', checkLook, need);
      break;
    default:
      need(false, 'command', 'must be fetch, push, cancel, look or status');
  }
  if (fields.length > 0) {
    throw new InvalidInput(
      fields.map(({ field, message }) => ({ field: `payload.${field}`, message })),
      'The command',
    );
  }
  return command as unknown as OdooCommand;
}

type Fields = Readonly<Record<string, unknown>>;
type Need = (holds: boolean, field: string, message: string) => void;

const massRule = 'must be a whole number of hundredths of a kilogram, not negative';

function checkTarget(command: Fields, need: Need): void {
  need(isText(command.pushId), 'pushId', 'must be the id of the outbox row');
  need(isRecordId(command.orderId), 'orderId', 'must be the id of an order');
  need(isText(command.orderName), 'orderName', 'must be the name of the order');
}

function checkList(list: unknown, field: string, check: (entry: Fields, path: string, need: Need) => void, need: Need) {
  need(Array.isArray(list), field, 'must be a list');
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  for (const [index, entry] of entries.entries()) check(isObject(entry) ? entry : {}, `${field}[${index}]`, need);
}

function checkComponent(component: Fields, path: string, need: Need): void {
  need(isWhole(component.equipment, 1, 999), `${path}.equipment`, 'must be an equipment code');
  need(isRecordId(component.productId), `${path}.productId`, 'must be the id of a product');
  need(isMass(component.plannedCentiKg), `${path}.plannedCentiKg`, massRule);
  need(isMass(component.actualCentiKg), `${path}.actualCentiKg`, massRule);
}

function checkUnplanned(one: Fields, path: string, need: Need): void {
  need(isWhole(one.equipment, 1, 999), `${path}.equipment`, 'must be an equipment code');
  need(isMass(one.actualCentiKg), `${path}.actualCentiKg`, massRule);
}

function checkLook(order: Fields, path: string, need: Need): void {
  need(isRecordId(order.orderId), `${path}.orderId`, 'must be the id of an order');
  need(isMass(order.plannedQuantityCentiKg), `${path}.plannedQuantityCentiKg`, massRule);
  need(isIdList(order.moveIds), `${path}.moveIds`, 'must be a list of move ids');
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';

function isWhole(value: unknown, minimum: number, maximum: number): boolean {
  return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
}

/** The largest double word of a PLC is 2^32 - 1. */
const isMass = (value: unknown) => isWhole(value, 0, 2 ** 32);

const isIdList = (value: unknown) => Array.isArray(value) && value.every(isRecordId);

const isCodeList = (value: unknown) =>
  Array.isArray(value) && value.every((code) => personCodes.some((known) => known === code));

function isUnit(value: unknown): boolean {
  return isObject(value) && typeof value.centiKgPerUnit === 'number' && value.centiKgPerUnit > 0;
}
