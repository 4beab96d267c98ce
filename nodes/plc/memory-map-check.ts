// Reads a memory map from JSON: every field in its place, every role once, no word used twice.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { roundToCentiKg } from '../core/mass.ts';
import { JsonReader } from './json-reader.ts';
import type {
  BatchMassField,
  ConsumptionField,
  EquipmentFields,
  EquipmentIdField,
  FieldRole,
  FieldType,
  MapField,
  MassScale,
  MemoryMap,
} from './memory-map.ts';
import { parseRecords, type RecordMap, recordKinds, recordRange } from './record-map.ts';

/** The largest block that one Modbus read brings as one consistent answer (Modbus application protocol 1.1b3, 6.3). */
const largestBlockWords = 125;
/** D-words are addressed with 16 bits by every protocol of this package. */
const lastAddress = 65_535;
const largestSlotCount = 100;

const wordsOfType: Readonly<Record<FieldType, readonly [min: number, max: number]>> = {
  int16: [1, 1],
  uint16: [1, 1],
  int32: [2, 2],
  uint32: [2, 2],
  bcd: [1, 2],
  ascii: [1, largestBlockWords],
};
const integerTypes: readonly FieldType[] = ['int16', 'uint16', 'int32', 'uint32', 'bcd'];
const typesOfRole: Readonly<Record<FieldRole, readonly FieldType[]>> = {
  'slot-number': integerTypes,
  'mo-name': ['ascii'],
  'bom-code': ['ascii'],
  'finished-goods': ['ascii'],
  quantity: integerTypes,
  'equipment-id': integerTypes,
  consumption: integerTypes,
  'finished-flag': ['int16', 'uint16'],
  'failed-flag': ['int16', 'uint16'],
  'finished-weight': integerTypes,
  'read-flag': ['int16', 'uint16'],
};
const scales: readonly MassScale[] = [1, 10, 100, 1000];

/** The greatest integer that a field of this type and length holds. */
export function greatestInteger(type: Exclude<FieldType, 'ascii'>, words: number): number {
  if (type === 'int16') return 32_767;
  if (type === 'uint16') return 65_535;
  if (type === 'int32') return 2_147_483_647;
  if (type === 'uint32') return 4_294_967_295;
  return words === 1 ? 9999 : 99_999_999;
}

/** Checks `json` and gives the map with its roles resolved; throws InvalidInput that names every field at fault. */
export function parseMemoryMap(json: unknown): MemoryMap {
  const faults: FieldFault[] = [];
  const root = new JsonReader(json, '', faults);
  const map = {
    name: root.text('name'),
    slotCount: root.integer('slotCount', 1, largestSlotCount),
    stride: root.integer('stride', 1, lastAddress),
    blockWords: root.integer('blockWords', 1, largestBlockWords),
    writeBase: root.integer('writeBase', 0, lastAddress),
    readBase: root.integer('readBase', 0, lastAddress),
    guardAddress: root.integer('guardAddress', 0, lastAddress),
    asciiByteOrder: root.oneOf('asciiByteOrder', ['first-char-high', 'first-char-low'] as const, 'first-char-high'),
    records: parseRecords(root.part('records')),
    fields: root
      .list('fields')
      .flatMap((item, index) => parseField(new JsonReader(item, `fields[${index}].`, faults)) ?? []),
  };
  root.refuseOthers(['$schema', 'description']);
  // Relations between fields mean nothing while the fields themselves are wrong.
  if (faults.length > 0) throw new InvalidInput(faults, 'The memory map');
  const fields = [...map.fields].sort((a, b) => a.offset - b.offset);
  checkPlaces(fields, map.blockWords, faults);
  checkAreas(map, faults);
  checkRecords(map, map.records, faults);
  const guardOffset = offsetInWriteBlock(map);
  const guarded = fields.find((field) => guardOffset >= field.offset && guardOffset < field.offset + field.words);
  if (guarded && !guarded.role.endsWith('-flag')) {
    faults.push({ field: 'guardAddress', message: `lies on "${guarded.name}", which is not a status word` });
  }
  const roles = resolveRoles(fields, faults);
  if (faults.length > 0 || !roles) throw new InvalidInput(faults, 'The memory map');
  return { ...map, fields, ...roles };
}

function parseField(reader: JsonReader): MapField | undefined {
  const before = reader.faultCount;
  const name = reader.text('name');
  const role = reader.oneOf('role', Object.keys(typesOfRole) as FieldRole[]);
  const offset = reader.integer('offset', 0, largestBlockWords - 1);
  const words = reader.integer('words', 1, largestBlockWords);
  const type = reader.oneOf('type', typesOfRole[role] ?? []);
  const isMass = role === 'quantity' || role === 'finished-weight' || role === 'consumption';
  const equipment =
    role === 'equipment-id' || role === 'consumption' ? reader.integer('equipment', 1, lastAddress) : undefined;
  const scale = isMass ? reader.oneOf('scale', scales) : undefined;
  const minKg = isMass ? reader.kilograms('minKg') : 0;
  const maxKg = isMass ? reader.kilograms('maxKg') : 0;
  reader.refuseOthers(['description']);
  if (reader.faultCount > before) return undefined;

  const [fewest, most] = wordsOfType[type];
  if (words < fewest || words > most) {
    reader.fault('words', `${type} takes ${fewest === most ? fewest : `${fewest} to ${most}`} words, not ${words}`);
  }
  if (minKg > maxKg) reader.fault('minKg', `${minKg} is above maxKg ${maxKg}`);
  if (type !== 'ascii') {
    const greatest = greatestInteger(type, words);
    const needed = scale === undefined ? (equipment ?? 0) : maxKg * scale;
    if (needed > greatest)
      reader.fault(scale ? 'maxKg' : 'equipment', `needs ${needed}, but the field holds at most ${greatest}`);
  }
  if (reader.faultCount > before) return undefined;
  const limits = { scale, minCentiKg: roundToCentiKg(minKg), maxCentiKg: roundToCentiKg(maxKg) };
  return {
    name,
    role,
    offset,
    words,
    type,
    ...(equipment !== undefined && { equipment }),
    ...(isMass && limits),
  } as MapField;
}

/** `fields` by rising offset: inside the block, no word in two fields, no name twice. */
function checkPlaces(fields: readonly MapField[], blockWords: number, faults: FieldFault[]): void {
  const names = new Set<string>();
  let previous: MapField | undefined;
  for (const field of fields) {
    const path = `fields "${field.name}"`;
    if (names.has(field.name)) faults.push({ field: path, message: 'the name is used twice' });
    names.add(field.name);
    const end = field.offset + field.words;
    if (end > blockWords) {
      faults.push({ field: path, message: `ends at word ${end - 1}, outside the block of ${blockWords} words` });
    }
    if (previous && field.offset < previous.offset + previous.words) {
      faults.push({ field: path, message: `overlaps "${previous.name}" at word ${field.offset}` });
    }
    if (!previous || end > previous.offset + previous.words) previous = field;
  }
}

type Areas = Pick<MemoryMap, 'slotCount' | 'stride' | 'blockWords' | 'writeBase' | 'readBase' | 'guardAddress'>;

function checkAreas(map: Areas, faults: FieldFault[]): void {
  if (map.slotCount > 1 && map.stride < map.blockWords) {
    faults.push({ field: 'stride', message: `${map.stride} is less than a block of ${map.blockWords} words` });
  }
  const span = map.stride * (map.slotCount - 1) + map.blockWords;
  for (const field of ['writeBase', 'readBase'] as const) {
    const end = map[field] + span - 1;
    if (end > lastAddress) faults.push({ field, message: `the last block ends at D${end}, above D${lastAddress}` });
  }
  if (Math.abs(map.writeBase - map.readBase) < span) {
    faults.push({
      field: 'readBase',
      message: `the read area D${map.readBase}-D${map.readBase + span - 1} overlaps the write area D${map.writeBase}-D${map.writeBase + span - 1}`,
    });
  }
  if (map.guardAddress >= map.readBase && map.guardAddress < map.readBase + span) {
    faults.push({ field: 'guardAddress', message: `D${map.guardAddress} lies in the read area` });
  }
}

/** Records lie beside both areas, the guard word and each other. */
function checkRecords(map: Areas, records: RecordMap, faults: FieldFault[]): void {
  const span = map.stride * (map.slotCount - 1) + map.blockWords;
  const taken = [
    { what: 'the write area', address: map.writeBase, count: span },
    { what: 'the read area', address: map.readBase, count: span },
    { what: 'the guard word', address: map.guardAddress, count: 1 },
  ];
  for (const kind of recordKinds) {
    const range = recordRange(records, kind);
    if (!range) continue;
    const last = range.address + range.count - 1;
    const other = taken.find(({ address, count }) => address <= last && range.address < address + count);
    if (other) {
      const message = `overlaps ${other.what} with its words D${range.address}-D${last}`;
      faults.push({ field: `records.${kind}`, message });
    }
    taken.push({ what: `the record of a ${kind}`, ...range });
  }
}

/** The guard word's offset in its write block; -1 when it lies outside the write area, or a spare word between blocks. */
function offsetInWriteBlock(map: Areas): number {
  const distance = map.guardAddress - map.writeBase;
  return distance < 0 || distance >= map.stride * map.slotCount ? -1 : distance % map.stride;
}

type Roles = Omit<MemoryMap, keyof Areas | 'name' | 'asciiByteOrder' | 'fields' | 'records'>;

/** Every role once, every equipment with its id and its consumption. */
function resolveRoles(fields: readonly MapField[], faults: FieldFault[]): Roles | undefined {
  const only = <R extends FieldRole>(role: R): Extract<MapField, { role: R }> | undefined => {
    const found = fields.filter((field): field is Extract<MapField, { role: R }> => field.role === role);
    if (found.length !== 1) {
      faults.push({ field: 'fields', message: `the role "${role}" must occur once, it occurs ${found.length} times` });
    }
    return found[0];
  };
  const slotNumber = only('slot-number');
  const moName = only('mo-name');
  const bomCode = only('bom-code');
  const finishedGoods = only('finished-goods');
  const quantity = only('quantity') as BatchMassField | undefined;
  const finishedFlag = only('finished-flag');
  const failedFlag = only('failed-flag');
  const finishedWeight = only('finished-weight') as BatchMassField | undefined;
  const readFlag = only('read-flag');
  const equipment = resolveEquipment(fields, faults);
  if (!slotNumber || !moName || !bomCode || !finishedGoods || !quantity) return undefined;
  if (!finishedFlag || !failedFlag || !finishedWeight || !readFlag) return undefined;
  return {
    slotNumber,
    moName,
    bomCode,
    finishedGoods,
    quantity,
    equipment,
    finishedFlag,
    failedFlag,
    finishedWeight,
    readFlag,
  };
}

function resolveEquipment(fields: readonly MapField[], faults: FieldFault[]): EquipmentFields[] {
  const ids = byEquipment<EquipmentIdField>(fields, 'equipment-id', faults);
  const masses = byEquipment<ConsumptionField>(fields, 'consumption', faults);
  for (const code of masses.keys()) {
    if (!ids.has(code)) faults.push({ field: 'fields', message: `equipment ${code} has no equipment-id` });
  }
  if (ids.size === 0) faults.push({ field: 'fields', message: 'no equipment: the role "equipment-id" never occurs' });
  return [...ids].flatMap(([code, id]) => {
    const consumption = masses.get(code);
    if (consumption) return [{ code, id, consumption }];
    faults.push({ field: 'fields', message: `equipment ${code} has no consumption` });
    return [];
  });
}

function byEquipment<F extends EquipmentIdField | ConsumptionField>(
  fields: readonly MapField[],
  role: F['role'],
  faults: FieldFault[],
): Map<number, F> {
  const found = new Map<number, F>();
  for (const field of fields) {
    if (field.role !== role) continue;
    const typed = field as F;
    if (found.has(typed.equipment)) {
      faults.push({
        field: `fields "${field.name}"`,
        message: `equipment ${typed.equipment} has two fields "${role}"`,
      });
    }
    found.set(typed.equipment, typed);
  }
  return found;
}
