// Routes of what the PLC reports outside the batches: equipment failures with their acknowledgement, and manual weighings.
import type { RoomOfApi } from './operations.ts';
import { called, exactly, flag, instant, listOf, number, oneOf, orNull, success, text, whole } from './schema-words.ts';

const admin = '/api/admin';

export const equipmentApi: RoomOfApi = {
  tag: 'equipment',
  description:
    'Failures that the PLC reports, until a person acknowledges them; manual weighings, until Odoo shows them.',
  operations: {
    [`GET ${admin}/equipment-failures`]: {
      summary: 'Equipment failures, newest first',
      query: [
        { name: 'open', description: 'Only those that no person has acknowledged.', schema: flag },
        { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 1000 } },
        { name: 'offset', schema: { type: 'integer', minimum: 0 } },
      ],
      reply: success({ data: listOf(called('EquipmentFailure')), total: whole, limit: whole, offset: whole }),
      refusals: [400],
    },
    [`POST ${admin}/manual/acknowledge-failure`]: {
      summary: 'Acknowledge a failure',
      body: exactly({ id: whole, 'note?': text, 'commandId?': text }),
      reply: success({ data: called('EquipmentFailure') }),
      refusals: [400, 404, 409],
    },
    [`GET ${admin}/weighings`]: {
      summary: 'Manual weighings, newest first',
      query: [
        { name: 'waiting', description: 'Only those that wait for a person.', schema: flag },
        { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 1000 } },
        { name: 'offset', schema: { type: 'integer', minimum: 0 } },
      ],
      reply: success({ data: listOf(called('Weighing')), total: whole, limit: whole, offset: whole }),
      refusals: [400],
    },
    [`POST ${admin}/manual/settle-weighing`]: {
      summary: 'Correct or discard a weighing',
      body: exactly({
        id: whole,
        reason: text,
        'discard?': flag,
        'order?': text,
        'productId?': whole,
        'kg?': number,
        'commandId?': text,
      }),
      reply: success({ data: called('Weighing') }),
      refusals: [400, 404, 409],
    },
    [`POST ${admin}/manual/trigger-read-reports`]: {
      summary: 'Run task 5 now',
      body: exactly({}),
      reply: success({ data: called('TaskStart') }),
      status: 202,
      refusals: [409],
    },
  },
  schemas: {
    Weighing: exactly({
      id: whole,
      line: text,
      batch_no: orNull(whole),
      mo_id: text,
      product_id: whole,
      quantity: number,
      read_at: instant,
      reported: exactly({ mo_id: text, product_id: whole, quantity: number, doubts: listOf(text) }),
      status: oneOf('held', 'taken', 'posted', 'discarded'),
      code: orNull(text),
      message: orNull(text),
      decided_by: orNull(text),
      decided_at: orNull(instant),
      reason: orNull(text),
    }),
    EquipmentFailure: exactly({
      id: whole,
      plc: text,
      equipment_code: text,
      equipment_name: text,
      description: text,
      failure_date: orNull(instant),
      read_at: instant,
      doubts: listOf(text),
      is_resolved: flag,
      resolved_at: orNull(instant),
      resolved_by: orNull(text),
      resolution_notes: orNull(text),
    }),
  },
};
