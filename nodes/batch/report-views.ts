// Two views with the column names of the system that came before, so that a plant's reports go on working.
import type { StoreEngine } from '../store/store.ts';
import { equipmentTags } from './equipment.ts';

/** `mo_batch`: what is being made; `mo_histories`: what has ended. Masses in kg; what was only watched is in neither. */
export function reportViews(engine: StoreEngine): string[] {
  const columns = [
    'b.id',
    'b.slot as batch_no',
    'b.order_name as mo_id',
    `${kg('b.planned_centi_kg')} as consumption`,
    'b.line as equipment_id_batch',
    'b.product_name as finished_goods',
    ...[...equipmentTags].flatMap(([equipment, tag]) => equipmentColumns(equipment, tag)),
    `${flag(engine, "b.state in ('finished', 'pushing', 'archived')")} as status_manufacturing`,
    `${flag(engine, "b.state = 'failed' or b.closes_failure = 1")} as status_operation`,
    `${kg(sumOrNull('b.carried_finished_centi_kg', 'b.finished_centi_kg'))} as actual_weight_quantity_finished_goods`,
    `${engine === 'postgres' ? 'b.last_read_at::timestamptz' : 'b.last_read_at'} as last_read_from_plc`,
  ];
  const posted = (kinds: string) =>
    flag(
      engine,
      `exists (select 1 from batch_outbox o where o.batch_id = b.id and o.status = 'verified' and o.kind in (${kinds}))`,
    );
  return [
    `create view mo_batch as select ${columns.join(', ')},
      ${posted("'push', 'record'")} as update_odoo, ${posted("'cancel'")} as odoo_cancelled
      from batch b where b.ended_at is null and b.watch_only = 0`,
    `create view mo_histories as select ${columns.join(', ')}, b.ended_as as status, b.notes
      from batch b where b.ended_at is not null and b.watch_only = 0`,
  ];
}

function equipmentColumns(equipment: number, tag: string): string[] {
  const of = (value: string) =>
    `(select ${value} from batch_component c where c.batch_id = b.id and c.equipment = ${equipment})`;
  return [
    `${equipment} as ${tag}`,
    `${of('c.name')} as component_${tag}_name`,
    `${of(kg('c.target_centi_kg'))} as consumption_${tag}`,
    `${of(kg(sumOrNull('c.carried_centi_kg', 'c.actual_centi_kg')))} as actual_consumption_${tag}`,
  ];
}

const kg = (centiKg: string) => `${centiKg} / 100.0`;

/** Carried plus actual; null while there is neither. */
const sumOrNull = (carried: string, actual: string) =>
  `(case when ${actual} is null and ${carried} = 0 then null else ${carried} + coalesce(${actual}, 0) end)`;

const flag = (engine: StoreEngine, condition: string) =>
  engine === 'postgres' ? `(${condition})` : `(case when ${condition} then 1 else 0 end)`;
