// Routes of the batch loop between Odoo and the PLC: what is made, what was made, and the manual controls.
import type { Operation, RoomOfApi } from './operations.ts';
import {
  anything,
  atLeast,
  called,
  exactly,
  flag,
  instant,
  listOf,
  number,
  oneOf,
  orNull,
  type Schema,
  success,
  text,
  whole,
} from './schema-words.ts';

const admin = '/api/admin';
const paging = [
  { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 200 } },
  { name: 'offset', schema: { type: 'integer', minimum: 0 } },
] as const;
const states = [
  'queued',
  'written',
  'running',
  'finished',
  'pushing',
  'archived',
  'failed',
  'quarantined',
  'cancelled',
] as const;

/** An order's name may stand in the path with its slashes as they are, or encoded. */
function onOrder(summary: string, fields: Readonly<Record<string, Schema>>): Operation {
  return {
    summary,
    body: exactly({ ...fields, 'reason?': text, 'commandId?': text }),
    reply: success({ data: anything }),
    refusals: [404, 409],
  };
}

function trigger(summary: string): Operation {
  return {
    summary,
    body: exactly({}),
    reply: success({ data: called('TaskStart') }),
    status: 202,
    refusals: [409],
  };
}

export const batchApi: RoomOfApi = {
  tag: 'batches',
  description:
    'Manufacturing orders between Odoo and the PLC. Masses in kg; field names as in the system that came before.',
  operations: {
    [`GET ${admin}/batch-status`]: { summary: 'Open batches', reply: success({ data: listOf(called('Batch')) }) },
    [`GET ${admin}/monitor/real-time`]: {
      summary: 'The slots of the line',
      reply: success({ data: called('Monitor') }),
    },
    [`GET ${admin}/history`]: {
      summary: 'Ended batches, newest first',
      query: [...paging, { name: 'search', description: 'In order and product.', schema: text }],
      reply: success({ data: listOf(called('Batch')), total: whole, limit: whole, offset: whole }),
      refusals: [400],
    },
    [`GET ${admin}/history/{mo}`]: {
      summary: 'One order with all its events',
      reply: success({ data: atLeast({ mo_id: text, batches: listOf(called('Batch')) }) }),
      refusals: [404],
    },
    [`GET ${admin}/failed-to-push`]: {
      summary: 'What waits for Odoo or a person',
      reply: success({ data: listOf(called('Batch')) }),
    },
    [`GET ${admin}/watch-only`]: {
      summary: 'What would have been written',
      query: paging,
      reply: success({ data: listOf(atLeast({ kind: text })), total: whole, limit: whole, offset: whole }),
      refusals: [400],
    },
    [`GET ${admin}/scheduler/status`]: {
      summary: 'The tasks',
      reply: success({ data: listOf(called('Task')) }),
    },
    [`POST ${admin}/clear-mo-batch`]: {
      summary: 'Clear the queue',
      body: exactly({ 'release?': flag, 'reason?': text, 'commandId?': text }),
      reply: success({ data: anything }),
      refusals: [409],
    },
    [`POST ${admin}/manual/retry-push-odoo/{mo}`]: onOrder('Send to Odoo again', {
      'accept?': flag,
      'remainder?': oneOf('close', 'backorder'),
    }),
    [`POST ${admin}/manual/reset-batch/{mo}`]: onOrder('Make a batch again', {}),
    [`POST ${admin}/manual/cancel-batch/{mo}`]: onOrder('Cancel an order', {}),
    [`POST ${admin}/manual/correct-batch/{mo}`]: onOrder('Correct the figures of a batch', {
      consumptionKg: { type: 'object', additionalProperties: number },
      finishedGoodsKg: number,
    }),
    [`POST ${admin}/trigger-sync`]: trigger('Run task 1 now'),
    [`POST ${admin}/manual/trigger-plc-sync`]: trigger('Run task 2 now'),
    [`POST ${admin}/manual/trigger-process-completed`]: trigger('Run task 3 now'),
  },
  schemas: {
    /** Besides these: three fields for each silo and tank. */
    Batch: atLeast({
      id: text,
      line: text,
      batch_no: orNull(whole),
      mo_id: text,
      order_id: whole,
      attempt: whole,
      state: oneOf(...states),
      state_since: instant,
      status: orNull(text),
      consumption: number,
      finished_goods: text,
      status_manufacturing: flag,
      status_operation: flag,
      actual_weight_quantity_finished_goods: orNull(number),
      last_read_from_plc: orNull(instant),
      update_odoo: flag,
      watch_only: flag,
      version: whole,
      created_at: instant,
      ended_at: orNull(instant),
      notes: orNull(text),
      hold: orNull(atLeast({ code: text, message: text })),
      offers: listOf(oneOf('accept', 'backorder', 'retry', 'correct', 'reset', 'cancel')),
      push: orNull(atLeast({ kind: text, status: text, attempts: whole })),
    }),
    Monitor: atLeast({
      line: text,
      watch_only: flag,
      slots: listOf(exactly({ slot: whole, batch: orNull(called('Batch')) })),
      counts: { type: 'object', additionalProperties: whole },
      alarms: listOf(atLeast({ code: text, since: instant, message: text })),
      outbox: listOf(atLeast({ mo_id: text })),
      refused_orders: listOf(exactly({ mo_id: orNull(text), since: instant, message: text })),
    }),
    Task: exactly({
      task: whole,
      title: text,
      line: orNull(text),
      enabled: flag,
      intervalSeconds: number,
      running: flag,
      lastStartedAt: orNull(instant),
      lastEndedAt: orNull(instant),
      lastDurationMs: orNull(number),
      lastOutcome: orNull(oneOf('done', 'failed', 'timed-out')),
      lastNote: orNull(text),
      nextRunAt: orNull(instant),
      runs: whole,
      failures: whole,
      skippedTicks: whole,
      alarm: orNull(
        exactly({
          code: text,
          key: text,
          active: flag,
          subject: text,
          task: whole,
          failures: whole,
          since: instant,
          message: text,
        }),
      ),
    }),
    TaskStart: atLeast({ started: flag }),
  },
};
