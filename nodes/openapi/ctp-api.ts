// Routes of Log CTP: machines, problems with their files and trail, statistics, export, and its part of the bell.
import { documentTypes, photoTypes } from '../attachments/messages.ts';
import { machineStatuses, photoRoles, problemStatuses, severities, technicianTypes } from '../ctp/messages.ts';
import { notificationPage, notificationQuery } from './notify-api.ts';
import type { Operation, Query, RoomOfApi } from './operations.ts';
import {
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

const problems = '/api/ctp-problem-logs';
const photoField = 'problem_photos[]';
const documentField = 'problem_documents[]';
const plantDate: Schema = {
  type: 'string',
  description: 'A plant date `YYYY-MM-DD` (an end date includes its day) or an instant.',
};
const problemId = { id: whole };
const problem = success({ data: called('CtpProblem') });
const machine = success({ data: called('CtpMachine') });

const span: readonly Query[] = [
  { name: 'machine_id', schema: whole },
  { name: 'machine_nickname', schema: text },
  { name: 'start_date', schema: plantDate },
  { name: 'end_date', schema: plantDate },
  { name: 'year', schema: whole },
  { name: 'month', schema: { type: 'integer', minimum: 1, maximum: 12 } },
];
const filter: readonly Query[] = [
  ...span,
  { name: 'status', schema: oneOf(...problemStatuses, 'open') },
  { name: 'technician_type', schema: oneOf(...technicianTypes) },
  { name: 'severity', schema: oneOf(...severities) },
  {
    name: 'search',
    description: 'Words of description, solution, technician, vendor and error code; the last one may be a beginning.',
    schema: text,
  },
];
const fields = {
  'error_code?': orNull(text),
  'category?': orNull(text),
  'severity?': oneOf(...severities),
  'solution?': orNull(text),
  'technician_type?': oneOf(...technicianTypes),
  'technician_name?': orNull(text),
  'vendor_name?': orNull(text),
  'start_time?': text,
  'response_time?': orNull(text),
  'end_time?': orNull(text),
  'parts?': listOf(called('SparePart')),
};
const commandId = { 'commandId?': text };
const versioned = { 'version?': whole, ...commandId };

function onProblem(summary: string, body: Schema, files?: readonly string[]): Operation {
  return { summary, path: problemId, body, ...(files && { files }), reply: problem, refusals: [404, 409] };
}

const file = (types: readonly string[]): Operation => ({
  summary: 'A file, or its small picture, by id',
  reply: { types, description: 'The bytes, with `nosniff` and a private cache.' },
  refusals: [400, 404],
});
const hide = (summary: string): Operation => ({
  summary,
  body: exactly({ 'reason?': text, ...commandId }),
  reply: problem,
  refusals: [404, 409],
});

const problemFields = {
  id: whole,
  machine_id: whole,
  machine_nickname: text,
  machine_name: text,
  problem_date: instant,
  error_code: orNull(text),
  category: orNull(text),
  severity: oneOf(...severities),
  problem_description: text,
  solution: orNull(text),
  technician_type: oneOf(...technicianTypes),
  technician_name: orNull(text),
  vendor_name: orNull(text),
  start_time: instant,
  response_time: orNull(instant),
  end_time: orNull(instant),
  status: oneOf(...problemStatuses),
  void_reason: orNull(text),
  parts: listOf(called('SparePart')),
  photos: listOf(called('Attachment')),
  documents: listOf(called('Attachment')),
  downtime_hours: orNull(number),
  created_by: text,
  created_at: instant,
  updated_at: instant,
  version: whole,
};

export const ctpApi: RoomOfApi = {
  tag: 'ctp',
  description:
    'Log CTP: machines of the computer-to-plate department, their problems, photos, downtime. People of the role `ctp` see the machines they are assigned to.',
  operations: {
    'GET /api/ctp-machines': {
      summary: 'Machines with their status',
      reply: success({ data: listOf(called('CtpMachine')), total: whole }),
    },
    'POST /api/ctp-machines': {
      summary: 'Add a machine',
      body: exactly({ name: text, nickname: text, kind: text, 'description?': text, ...commandId }),
      reply: machine,
      status: 201,
      refusals: [409],
    },
    'PUT /api/ctp-machines/{id}': {
      summary: 'Change or retire a machine',
      path: problemId,
      body: exactly({
        version: whole,
        'name?': text,
        'kind?': text,
        'description?': orNull(text),
        'retired?': flag,
        ...commandId,
      }),
      reply: machine,
      refusals: [404, 409],
    },
    'PUT /api/ctp-machines/{id}/status': {
      summary: 'Set the status by hand, with a reason',
      description: '`active` ends a status set by hand; the worse of both counts.',
      path: problemId,
      body: exactly({ status: oneOf(...machineStatuses), reason: text, ...commandId }),
      reply: machine,
      refusals: [404, 409],
    },
    'GET /api/ctp-machines/{id}/status-history': {
      summary: 'What a machine was when, and why; newest first',
      path: problemId,
      query: [
        { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 100, default: 25 } },
        { name: 'cursor', schema: text },
      ],
      reply: success({ data: listOf(called('CtpStatusChange')), total: whole, next_cursor: orNull(text) }),
      refusals: [400, 404],
    },
    'GET /api/ctp-codes': {
      summary: 'The plant’s error codes and categories',
      reply: success({ data: listOf(called('CtpCode')) }),
    },
    'POST /api/ctp-codes': {
      summary: 'Add a code or category',
      body: exactly({ kind: oneOf('error_code', 'category'), code: text, 'label?': text }),
      reply: success({ data: listOf(called('CtpCode')) }),
      refusals: [409],
    },
    'DELETE /api/ctp-codes': {
      summary: 'Retire a code or category; problems that have it keep it',
      body: exactly({ kind: oneOf('error_code', 'category'), code: text }),
      reply: success({ data: listOf(called('CtpCode')) }),
      refusals: [404],
    },
    [`GET ${problems}`]: {
      summary: 'Problems, newest first',
      query: [
        ...filter,
        { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 100, default: 25 } },
        { name: 'cursor', description: '`next_cursor` of the reply before.', schema: text },
      ],
      reply: success({
        data: listOf(called('CtpProblem')),
        total: whole,
        total_exact: flag,
        next_cursor: orNull(text),
      }),
      refusals: [400, 404],
    },
    [`POST ${problems}`]: {
      summary: 'Report a problem, with photos and documents',
      body: exactly({
        'machine_id?': whole,
        'machine_nickname?': text,
        problem_description: text,
        ...fields,
        ...commandId,
      }),
      files: [photoField, documentField],
      reply: problem,
      status: 201,
      refusals: [404, 409],
    },
    [`GET ${problems}/{id}`]: { summary: 'One problem', path: problemId, reply: problem, refusals: [400, 404] },
    [`PUT ${problems}/{id}`]: onProblem(
      'Correct a problem; absent fields stay, and a machine that is named is the one it belongs to',
      exactly({
        'machine_id?': whole,
        'machine_nickname?': text,
        'problem_description?': text,
        ...fields,
        'reason?': text,
        ...versioned,
      }),
      [photoField, documentField],
    ),
    [`DELETE ${problems}/{id}`]: onProblem(
      'Declare a problem void: it counts nowhere, and nothing of it is erased',
      exactly({ reason: text, ...versioned }),
    ),
    [`POST ${problems}/{id}/complete`]: onProblem(
      'Complete a problem',
      exactly({
        'end_time?': text,
        'response_time?': orNull(text),
        'solution?': orNull(text),
        'parts?': listOf(called('SparePart')),
        'technician_type?': oneOf(...technicianTypes),
        'technician_name?': orNull(text),
        'vendor_name?': orNull(text),
        'reason?': text,
        ...versioned,
      }),
      [photoField, documentField],
    ),
    [`POST ${problems}/{id}/reopen`]: onProblem('Open a problem again', exactly({ reason: text, ...versioned })),
    [`GET ${problems}/{id}/history`]: {
      summary: 'The trail of a problem: who did what when; newest first',
      path: problemId,
      query: [
        { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 } },
        { name: 'cursor', schema: text },
      ],
      reply: success({ data: listOf(called('CtpEvent')), total: whole, next_cursor: orNull(text) }),
      refusals: [400, 404],
    },
    [`POST ${problems}/{id}/photos`]: onProblem(
      'Add photos',
      exactly({ 'role?': oneOf(...photoRoles), ...commandId }),
      [photoField],
    ),
    [`POST ${problems}/{id}/documents`]: onProblem('Add documents', exactly({ ...commandId }), [documentField]),
    'GET /api/ctp-problem-photos/{id}': file(photoTypes),
    'GET /api/ctp-problem-documents/{id}': file(documentTypes),
    'DELETE /api/ctp-problem-photos/{id}': hide('Hide a photo; its trail stays'),
    'DELETE /api/ctp-problem-documents/{id}': hide('Hide a document; its trail stays'),
    'GET /api/ctp-similar': {
      summary: 'Past problems with a solution that resemble a text, best first',
      query: [
        { name: 'text', schema: text },
        { name: 'machine_id', schema: whole },
        { name: 'limit', schema: whole },
      ],
      reply: success({ data: listOf(called('CtpSimilar')) }),
      refusals: [400, 404],
    },
    'GET /api/ctp-statistics': {
      summary: 'Downtime, KPIs with their formulas, trend, Pareto, technicians and vendors',
      query: [...span, { name: 'bucket', schema: oneOf('day', 'week', 'month') }],
      reply: success({ data: called('CtpStatistics') }),
      refusals: [400, 404],
    },
    'GET /export-ctp-logs': {
      summary: 'The filtered problems as a file or a page for printing',
      query: [
        ...filter,
        { name: 'format', schema: oneOf('csv', 'xlsx', 'print', 'excel', 'pdf') },
        { name: 'language', schema: oneOf('id', 'en-US') },
      ],
      reply: {
        types: ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'text/html'],
        description: 'Streamed; the whole of what the filter lets through.',
      },
      refusals: [400, 404],
    },
    'GET /api/ctp-notifications': {
      summary: 'The own notifications of Log CTP: the same as the bell’s',
      query: notificationQuery,
      reply: notificationPage,
      refusals: [400],
    },
    'PUT /api/ctp-notifications/{id}/read': {
      summary: 'Mark one of them as read',
      path: problemId,
      reply: success({ data: called('Notification') }),
      refusals: [400, 404],
    },
  },
  schemas: {
    SparePart: exactly({ name: text, quantity: whole }),
    Attachment: exactly({
      id: text,
      sizeBytes: whole,
      sha256: text,
      name: text,
      kind: oneOf('photo', 'document'),
      type: oneOf(...photoTypes, ...documentTypes),
      width: orNull(whole),
      height: orNull(whole),
      thumbnailId: orNull(text),
      role: orNull(text),
      createdAt: instant,
      createdBy: text,
    }),
    CtpMachine: exactly({
      id: whole,
      name: text,
      nickname: text,
      kind: text,
      description: orNull(text),
      status: oneOf(...machineStatuses),
      status_since: instant,
      manual_status: orNull(exactly({ status: oneOf(...machineStatuses), reason: text, by: text, at: instant })),
      open_severity: orNull(oneOf(...severities)),
      open_problems: whole,
      open_since: orNull(instant),
      retired: flag,
      version: whole,
    }),
    CtpStatusChange: exactly({
      seq: whole,
      machine_id: whole,
      at: instant,
      status: oneOf(...machineStatuses),
      derived_status: oneOf(...machineStatuses),
      manual_status: orNull(oneOf(...machineStatuses)),
      problem_id: orNull(whole),
      actor: text,
      reason: orNull(text),
    }),
    CtpCode: exactly({ kind: oneOf('error_code', 'category'), code: text, label: text, retired: flag }),
    CtpProblem: exactly(problemFields),
    CtpSimilar: exactly({ ...problemFields, repair_held: orNull(flag) }),
    CtpEvent: exactly({
      seq: whole,
      problem_id: orNull(whole),
      machine_id: whole,
      at: instant,
      actor: text,
      type: text,
      reason: orNull(text),
      detail: atLeast({}),
    }),
    Kpi: exactly({
      value: orNull(number),
      unit: oneOf('percent', 'hours', 'minutes', 'count'),
      formula: text,
      numerator: orNull(number),
      denominator: orNull(number),
    }),
    CtpPareto: listOf(exactly({ key: text, problems: whole, downtime_s: number, cumulative_percent: number })),
    CtpStatistics: exactly({
      from: text,
      to: text,
      machine_id: orNull(whole),
      problems: exactly({ total: whole, open: whole, completed: whole }),
      downtime_s: number,
      planned_s: number,
      availability: called('Kpi'),
      mttr: called('Kpi'),
      mtbf: called('Kpi'),
      response: called('Kpi'),
      trend: listOf(exactly({ from: text, problems: whole, downtime_s: number })),
      pareto: exactly({ error_code: called('CtpPareto'), category: called('CtpPareto'), machine: called('CtpPareto') }),
      technicians: listOf(
        exactly({
          type: oneOf(...technicianTypes),
          name: orNull(text),
          vendor: orNull(text),
          problems: whole,
          mttr_minutes: orNull(number),
          response_minutes: orNull(number),
        }),
      ),
      vendors: listOf(
        exactly({
          type: oneOf('lokal', 'vendor'),
          vendor: orNull(text),
          problems: whole,
          mttr_minutes: orNull(number),
          response_minutes: orNull(number),
        }),
      ),
    }),
  },
};
