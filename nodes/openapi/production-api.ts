// Routes of production: machines now, shifts and OEE, states and stops, newest messages, counts and the quarantine.
import { machineStates } from '../production/messages.ts';
import type { Operation, Query, RoomOfApi } from './operations.ts';
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

const machine: Query = { name: 'machine', description: 'Only this one; all without it.', schema: text };
const limit = (most: number, fallback: number): Query => ({
  name: 'limit',
  schema: { type: 'integer', minimum: 1, maximum: most, default: fallback },
});
const window: readonly Query[] = [
  { name: 'from', description: 'ISO 8601; default a day before the end.', schema: text },
  { name: 'to', description: 'ISO 8601; a date alone includes its day. Default now.', schema: text },
];
const dates: readonly Query[] = [
  { name: 'start_date', description: 'Default 30 days before the end.', schema: text },
  { name: 'end_date', description: 'A date alone includes its day. Default now.', schema: text },
];
const ratio = orNull(number);
const count = orNull(whole);
const data = (schema: Schema) => success({ data: schema });

function look(
  summary: string,
  query: readonly Query[],
  schema: Schema,
  refusals: readonly number[] = [400],
): Operation {
  return { summary, query, reply: data(schema), refusals };
}

/** What a person decides; a `commandId` makes a retry return the first reply. */
function decide(summary: string, fields: Readonly<Record<string, Schema>>, schema: Schema = anything): Operation {
  return { summary, body: exactly({ ...fields, 'commandId?': text }), reply: data(schema), refusals: [404, 409] };
}

const figures = { count: whole, total_minutes: number, average_minutes: orNull(number) };

const waiting = { 'machine?': orNull(text), 'code?': text, 'upTo?': whole };
const chosen =
  'Those of `machine` (null: that name none), refused for `code`, up to the id `upTo`; what is left out limits nothing.';

const machineFields = {
  id: text,
  name: text,
  counterModulus: count,
  maxPerHour: count,
  idealPerHour: count,
  shiftTarget: count,
  active: flag,
};

export const productionApi: RoomOfApi = {
  tag: 'production',
  description: 'What machines make and do: counts per shift, states, OEE after ISO 22400-2, reasons of stops.',
  operations: {
    'GET /api/production/current': look(
      'Every machine in its running shift',
      [machine],
      exactly({
        at: instant,
        cards: listOf(called('ProductionCard')),
        quarantine: exactly({ waiting: whole, newest: count }),
      }),
      [404],
    ),
    'GET /api/production/shifts': look(
      'Shifts, newest first, with their OEE',
      [machine, ...window, limit(1000, 100), { name: 'offset', schema: { type: 'integer', minimum: 0, default: 0 } }],
      listOf(called('ShiftRow')),
    ),
    'GET /api/production/oee': look(
      'OEE of any window',
      [machine, ...window],
      listOf(exactly({ machine: text, from: instant, to: instant, shift: orNull(text), oee: called('Oee') })),
      [400, 404],
    ),
    'GET /api/production/timeline': look(
      'States of one machine, oldest first',
      [machine, ...window],
      listOf(called('StateSpan')),
    ),
    'GET /api/production/stops': look(
      'Stops of the last 30 days that wait for a reason, newest first',
      [machine, limit(1000, 50)],
      listOf(called('StopRow')),
    ),
    'GET /api/production/reasons': look(
      'Reasons of stops, in the order of the picker',
      [],
      listOf(called('StopReason')),
      [],
    ),
    'POST /api/production/reasons': decide(
      'Add a reason, or change one',
      { code: text, label: exactly({ id: text, 'en-US': text }), planned: flag },
      called('StopReason'),
    ),
    'POST /api/production/stops/{span}/reason': {
      ...decide(
        'Give a stop its reason',
        { machine: text, reason: text, 'previous?': text, 'note?': text },
        called('StateSpan'),
      ),
      path: { span: whole },
    },
    'GET /api/sensor/current': look('Newest message of each machine', [machine], listOf(called('SensorRow')), []),
    'GET /api/sensor/realtime': look(
      'Newest messages, as far as they are kept',
      [machine, limit(1000, 100)],
      listOf(called('SensorRow')),
    ),
    'GET /api/downtime/history': look(
      'Stops of half a minute and more, newest first',
      [
        machine,
        { name: 'component', description: 'Maintenance, System, Operator, Material Supply or Machine.', schema: text },
        ...dates,
        limit(1000, 50),
      ],
      listOf(called('DowntimeEvent')),
      [400, 404],
    ),
    'GET /api/downtime/statistics': look(
      'Figures of stops over whole days',
      [machine, ...dates],
      called('DowntimeStatistics'),
    ),
    'GET /api/production/machines': look(
      'Machines and their limits',
      [],
      atLeast({ machines: listOf(atLeast({ ...machineFields, updated_at: text, updated_by: text })) }),
      [],
    ),
    'POST /api/production/machines': {
      ...decide(
        'Register a machine, or change it',
        {
          id: text,
          'name?': text,
          'counterModulus?': count,
          'maxPerHour?': count,
          'idealPerHour?': count,
          'shiftTarget?': count,
          'active?': flag,
        },
        atLeast({ machine: exactly(machineFields) }),
      ),
      description: 'What is left out stays as it is; null takes a limit away.',
    },
    'GET /api/production/totals': look(
      'What each counter said and what was counted',
      [],
      atLeast({ totals: listOf(anything) }),
      [],
    ),
    'GET /api/production/check': look(
      'Whether every sum is the total',
      [],
      atLeast({ holds: flag, differences: listOf(anything) }),
      [],
    ),
    'POST /api/production/corrections': decide('Add to a shift, or take away', {
      machine: text,
      at: text,
      'production?': whole,
      'defects?': whole,
      reason: text,
    }),
    'GET /api/production/orders': look(
      'What was counted for each order, the newest first',
      [machine, { name: 'order', description: 'Only this one.', schema: text }, limit(1000, 100)],
      atLeast({
        orders: listOf(
          exactly({ machine: text, order: text, production: whole, defects: whole, first: instant, last: instant }),
        ),
      }),
    ),
    'POST /api/production/orders': {
      ...decide('Say which order a machine works on', { machine: text, order: text }),
      description:
        'What it makes from now on counts for it, until the next one or a message with `order`; empty: none.',
    },
    'POST /api/production/baselines': {
      ...decide('Take the next message of a machine as the baseline', { machine: text, reason: text }),
      description: 'For a counter that somebody has set by hand.',
    },
    'GET /api/production/quarantine': look(
      'Messages that were refused, newest first',
      [limit(500, 50), { name: 'before', description: 'Only with a smaller id.', schema: whole }],
      atLeast({
        waiting: whole,
        groups: listOf(exactly({ machine: orNull(text), code: text, waiting: whole, newest: whole })),
        messages: listOf(called('QuarantinedMessage')),
        counts: listOf(anything),
      }),
    ),
    'POST /api/production/quarantine/replay': {
      ...decide(
        'Judge many messages again, the oldest first',
        { ...waiting, 'after?': whole },
        atLeast({ replayed: whole, refused: whole, left: whole, last: count }),
      ),
      description: `${chosen} A thousand at once: where some are left, ask again with \`after\` as the answer's \`last\`. With \`machine\`, what its counter went up by before its baseline is booked, too.`,
    },
    'POST /api/production/quarantine/dismiss': {
      ...decide('Dismiss many messages', { ...waiting, reason: text }, atLeast({ dismissed: whole })),
      description: chosen,
    },
    'POST /api/production/quarantine/{id}/replay': { ...decide('Judge a message again', {}), path: { id: whole } },
    'POST /api/production/quarantine/{id}/dismiss': {
      ...decide('Dismiss a message', { reason: text }),
      path: { id: whole },
    },
  },
  schemas: {
    QuarantinedMessage: exactly({
      id: whole,
      source: text,
      machine: orNull(text),
      code: text,
      message: text,
      raw: text,
      cut: flag,
      arrived_at: instant,
      status: text,
      attempts: whole,
    }),
    Oee: exactly({
      availability: ratio,
      effectiveness: ratio,
      quality: ratio,
      oee: ratio,
      undefinedReason: orNull(
        oneOf('defects-exceed-production', 'no-known-time', 'no-ideal-rate', 'pieces-of-a-silence', 'no-pieces'),
      ),
      time: exactly({
        totalMs: whole,
        plannedStopMs: whole,
        runningMs: whole,
        unplannedStopMs: whole,
        unknownMs: whole,
      }),
      production: whole,
      defects: whole,
      unheard: whole,
      idealPerHour: orNull(number),
      waterfall: listOf(
        exactly({
          loss: oneOf('planned-busy', 'unplanned-stop', 'unknown', 'speed', 'quality', 'value-adding'),
          ms: whole,
        }),
      ),
    }),
    ShiftTotal: exactly(shiftFields()),
    ShiftRow: exactly({ ...shiftFields(), target: count, oee: orNull(called('Oee')) }),
    StateSpan: exactly(spanFields()),
    StopRow: exactly({ ...spanFields(), machine: text, name: text }),
    StopReason: exactly({ code: text, label: exactly({ id: text, 'en-US': text }), planned: flag }),
    ProductionCard: exactly({
      machine: text,
      name: text,
      state: oneOf(...machineStates),
      state_since: orNull(instant),
      reason: orNull(text),
      reason_needed: flag,
      last_message: orNull(instant),
      stale: flag,
      shift: orNull(called('ShiftTotal')),
      target: count,
      target_by_now: count,
      pace_per_hour: count,
      order: orNull(text),
      oee: orNull(called('Oee')),
      hours: listOf(exactly({ start: instant, production: whole, defects: whole })),
      timeline: listOf(called('StateSpan')),
    }),
    SensorRow: exactly({
      machine_id: text,
      machine_status: orNull(text),
      performance_rate: orNull(number),
      quality_rate: orNull(number),
      availability_rate: orNull(number),
      cumulative_production: orNull(number),
      cumulative_defects: orNull(number),
      interval_production: orNull(number),
      interval_defects: orNull(number),
      error_message: orNull(text),
      failure_reason: orNull(text),
      timestamp: instant,
      arrived_at: instant,
    }),
    DowntimeEvent: exactly({
      id: whole,
      machine_id: text,
      component: text,
      status: oneOf(...machineStates),
      severity: oneOf('critical', 'high', 'medium', 'low'),
      reason: orNull(text),
      reason_by: orNull(text),
      planned: flag,
      start_time: instant,
      end_time: orNull(instant),
      duration_minutes: number,
      ongoing: flag,
    }),
    DowntimeFigures: exactly(figures),
    DowntimeStatistics: exactly({
      from: instant,
      to: instant,
      ...figures,
      ongoing: whole,
      by_component: { type: 'object', additionalProperties: called('DowntimeFigures') },
      by_severity: { type: 'object', additionalProperties: called('DowntimeFigures') },
      by_reason: listOf(exactly({ reason: orNull(text), ...figures })),
      preventive: called('DowntimeFigures'),
      reactive: called('DowntimeFigures'),
    }),
  },
};

function shiftFields(): Readonly<Record<string, Schema>> {
  return {
    machine: text,
    shift: text,
    shift_date: text,
    start: instant,
    end: instant,
    closed: flag,
    production: whole,
    defects: whole,
    unheard: whole,
    revision: whole,
    silent: flag,
  };
}

function spanFields(): Readonly<Record<string, Schema>> {
  return {
    id: count,
    start: instant,
    end: orNull(instant),
    state: oneOf(...machineStates),
    planned: flag,
    reason: orNull(text),
    reason_by: orNull(text),
  };
}
