// Routes of machine health: components with index and alarm, and how long a repair will take.
import { alarmStates, bands } from '../health/messages.ts';
import type { RoomOfApi } from './operations.ts';
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
  success,
  text,
  whole,
} from './schema-words.ts';

const machine = { name: 'machine', description: 'Only components of this one.', schema: text };
const number01 = orNull(number);

export const healthApi: RoomOfApi = {
  tag: 'health',
  description: 'An index for each component, one alarm when it becomes critical, and what its repair will take.',
  operations: {
    'GET /api/health': {
      summary: 'Every component with its index, band and alarm',
      query: [machine],
      reply: success({ data: listOf(called('ComponentHealth')) }),
    },
    'GET /api/health/{component}': {
      summary: 'One component',
      query: [{ ...machine, description: 'Where two machines have a component of this name.' }],
      reply: success({ data: called('ComponentHealth') }),
      refusals: [404, 409],
    },
    'GET /api/components': {
      summary: 'The registry: machines, components, RPN, models',
      reply: success({ data: listOf(called('HealthComponent')) }),
    },
    'POST /api/components': {
      summary: 'Add a component of a machine, or change one',
      description:
        'A new component needs its RPN. `retired` takes one out of use, `model` says how its index is made (null: as the machine or the node says); without `component` the model is that of the whole machine.',
      body: exactly({
        machine: text,
        'component?': text,
        'rpn?': whole,
        'retired?': flag,
        'model?': anything,
        'reason?': text,
        'commandId?': text,
      }),
      reply: success({ data: atLeast({ machine: text, model: anything }) }),
      refusals: [409],
    },
    'POST /api/predict/maintenance': {
      summary: 'How long a repair will take',
      description:
        'Production and defects are those of the running shift; without them the estimate does without, and says so.',
      body: exactly({
        'machine?': text,
        'component?': text,
        'error_message?': text,
        'failure_reason?': text,
        'downtime_reason?': text,
        'reason?': text,
        'shift?': { type: ['string', 'number'] },
        'health_index?': number,
        'total_produksi?': whole,
        'produk_cacat?': whole,
      }),
      reply: success({ data: called('RepairEstimate') }),
    },
  },
  schemas: {
    ComponentHealth: exactly({
      machine: text,
      machine_name: text,
      component: text,
      rpn: number,
      index: number01,
      smoothed: number01,
      band: oneOf(...bands),
      at: orNull(instant),
      calculated_at: orNull(instant),
      threshold: number,
      hysteresis: number,
      alarm: oneOf(...alarmStates),
      alarm_since: orNull(instant),
      inputs: listOf(exactly({ name: text, value: number01, weight: number, quality: oneOf('good', 'bad', 'stale') })),
      advice: exactly({ code: text, id: text, 'en-US': text }),
      auto_prediction: exactly({
        triggered: flag,
        trigger_threshold: number,
        prediction_result: orNull(called('RepairEstimate')),
      }),
    }),
    HealthComponent: exactly({
      machine: text,
      component: text,
      rpn: number,
      retired: flag,
      model: anything,
      version: whole,
      changed_at: instant,
      changed_by: text,
    }),
    RepairEstimate: exactly({
      id: text,
      machine: text,
      component: orNull(text),
      cause: text,
      cause_name: exactly({ id: text, 'en-US': text }),
      at: instant,
      p10_minutes: number,
      p50_minutes: number,
      p90_minutes: number,
      mean_minutes: number,
      basis: exactly({
        kind: oneOf('history', 'mixed', 'prior'),
        stops: whole,
        level: text,
        shift: orNull(text),
        health_index: number01,
        production: orNull(whole),
        defects: orNull(whole),
        id: listOf(text),
        'en-US': listOf(text),
      }),
    }),
  },
};
