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
const importStatus = oneOf('running', 'done', 'failed');
const dateOrder = oneOf('dmy', 'mdy');
const decimalMark = oneOf('comma', 'point');
const why = oneOf('shown', 'given', 'unclear', 'no-matter');
const page = [
  { name: 'limit', schema: whole },
  { name: 'offset', schema: whole },
];
const readingQuery = [
  { name: 'date_order', description: 'Where no date of the file shows it.', schema: dateOrder },
  { name: 'decimal', description: 'Where no number of the file shows it.', schema: decimalMark },
  { name: 'mapping', description: 'JSON: columns of the file by field, such as `{"machine": "Mesin"}`.', schema: text },
];
const fileDescription =
  'The body is the file, byte for byte, as `application/octet-stream`: UTF-8, UTF-16 or Windows-1252; any separator, dates and numbers as spreadsheets write them.';

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
    'POST /api/repair/imports/preview': {
      summary: 'What a file of past stops is, before a row of it is taken',
      description: fileDescription,
      query: [...readingQuery],
      bytes: true,
      reply: success({ data: called('ImportPreview') }),
      refusals: [413],
    },
    'POST /api/repair/imports': {
      summary: 'Import past stops',
      description: `${fileDescription} A file that allows two readings is refused with \`date-order-unclear\` or \`decimal-unclear\` (400) and the first rows in both; machines that are not registered and not named with \`machines-unknown\` (409).`,
      query: [
        { name: 'name', description: 'Of the file, for the list of imports.', schema: text },
        ...readingQuery,
        {
          name: 'new_machine',
          description: 'A machine that is taken although it is not registered; once for each.',
          schema: listOf(text),
        },
      ],
      bytes: true,
      reply: success({ data: called('ImportReport') }),
      refusals: [409, 413],
    },
    'GET /api/repair/imports': {
      summary: 'Imports, newest first',
      query: page,
      reply: success({
        data: listOf(atLeast({ id: text, name: text, status: importStatus, undone_at: orNull(instant) })),
      }),
    },
    'GET /api/repair/imports/{id}': {
      summary: 'Report of an import with its refused rows',
      query: page,
      reply: success({ data: called('ImportReport') }),
      refusals: [404],
    },
    'POST /api/repair/imports/{id}/undo': {
      summary: 'Take the stops of an import back',
      description: 'A stop that another file holds as well goes on counting.',
      reply: success({
        data: exactly({ id: text, undone_at: instant, undone_by: text, removed: whole, kept: whole }),
      }),
      refusals: [404, 409],
    },
  },
  schemas: {
    ImportPreview: exactly({
      encoding: text,
      separator: text,
      skipped: listOf(text),
      columns: listOf(text),
      rows: whole,
      stops: whole,
      refused: whole,
      date_order: exactly({ order: dateOrder, why }),
      decimal: exactly({ mark: decimalMark, why }),
      readings: listOf(
        exactly({
          date_order: dateOrder,
          decimal: decimalMark,
          rows: listOf(
            exactly({
              line: whole,
              machine: text,
              cause: text,
              start: orNull(instant),
              end: orNull(instant),
              minutes: number01,
            }),
          ),
        }),
      ),
      new_machines: listOf(exactly({ machine: text, stops: whole })),
    }),
    ImportReport: exactly({
      id: text,
      name: text,
      status: importStatus,
      percent: number,
      rows: whole,
      imported: whole,
      duplicates: whole,
      production: whole,
      refused: whole,
      started_at: instant,
      actor: text,
      overlapping: whole,
      classes: anything,
      refusals: listOf(exactly({ line: whole, reason: text, faults: listOf(anything), raw: text })),
      undone_at: orNull(instant),
      undone_by: orNull(text),
      error: orNull(text),
      file_fault: orNull(anything),
    }),
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
