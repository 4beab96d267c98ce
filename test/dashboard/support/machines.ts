// Machines, components and their answers for tests of the pages Production and Health: every state, everything unknown once.
import type {
  Calibration,
  HealthTrend,
  HealthView,
  NamedComponent,
  RepairEstimate,
} from '../../../nodes/health/messages.ts';
import type {
  MachineState,
  Oee,
  ProductionCard,
  ProductionView,
  StateSpan,
  StopReason,
} from '../../../nodes/production/messages.ts';
import type { QuarantinedMessage, QuarantinePage, ShiftRow, StopRow } from '../../../nodes/production/page-contract.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const iso = (ms: number) => new Date(ms).toISOString();

/** The shift of eight hours that `now` is in the middle of, five hours and twelve minutes after its start. */
export function shiftStart(now: Date): number {
  return now.getTime() - 312 * minuteMs;
}

/** Spans from the shift's start: state, minutes, planned, reason. */
type Plan = readonly (readonly [state: MachineState, minutes: number, planned?: boolean, reason?: string])[];

export const calmShift: Plan = [
  ['setup', 14, false, 'SETUP'],
  ['running', 96],
  ['idle', 15, true, 'OPERATOR_BREAK'],
  ['running', 60],
  ['error', 11, false, 'ELECTRICAL_FAILURE'],
  ['running', 62],
  ['offline', 9],
  ['running', 45],
];

export function spansOf(now: Date, plan: Plan): readonly StateSpan[] {
  let at = shiftStart(now);
  return plan.map(([state, minutes, planned = false, reason = null], index) => {
    const start = at;
    at += minutes * minuteMs;
    return {
      id: 100 + index,
      start: iso(start),
      end: index === plan.length - 1 ? null : iso(at),
      state,
      planned,
      reason: reason ?? null,
      reason_by: reason ? 'Sari Wulandari' : null,
    };
  });
}

export function oeeWith(parts: Partial<Oee> = {}): Oee {
  return {
    availability: 0.912,
    effectiveness: 0.838,
    undefinedReason: null,
    quality: 0.982,
    oee: 0.7505,
    time: {
      totalMs: 312 * minuteMs,
      plannedStopMs: 15 * minuteMs,
      runningMs: 263 * minuteMs,
      unplannedStopMs: 25 * minuteMs,
      unknownMs: 9 * minuteMs,
    },
    production: 11_021,
    defects: 198,
    unheard: 0,
    idealPerHour: 3000,
    waterfall: [
      { loss: 'planned-busy', ms: 297 * minuteMs },
      { loss: 'unplanned-stop', ms: 25 * minuteMs },
      { loss: 'unknown', ms: 9 * minuteMs },
      { loss: 'speed', ms: 43 * minuteMs },
      { loss: 'quality', ms: 4 * minuteMs },
      { loss: 'value-adding', ms: 216 * minuteMs },
    ],
    ...parts,
  };
}

export function card(now: Date, parts: Partial<ProductionCard> = {}): ProductionCard {
  const start = shiftStart(now);
  return {
    machine: 'C_FL101',
    name: 'Flexo 1',
    state: 'running',
    state_since: iso(now.getTime() - 45 * minuteMs),
    reason: null,
    reason_needed: false,
    last_message: iso(now.getTime() - 2000),
    stale: false,
    shift: {
      machine: 'C_FL101',
      shift: '1',
      shift_date: iso(start).slice(0, 10),
      start: iso(start),
      end: iso(start + 8 * hourMs),
      closed: false,
      production: 11_021,
      defects: 198,
      revision: 0,
      unheard: 0,
      silent: false,
    },
    target: 18_000,
    target_by_now: 11_300,
    pace_per_hour: 2480,
    order: '621100663151',
    oee: oeeWith(),
    hours: [1840, 2510, 2222, 1987, 2044, 418].map((production, index) => ({
      start: iso(start + index * hourMs),
      production,
      defects: Math.round(production * 0.018),
    })),
    timeline: spansOf(now, calmShift),
    ...parts,
  };
}

/** Machines in every condition that the page has a word for. */
export function factory(now: Date): ProductionView {
  const shift = (machine: string, production: number, defects = 12) => ({
    ...(card(now).shift as NonNullable<ProductionCard['shift']>),
    machine,
    production,
    defects,
  });
  const since = (minutes: number) => iso(now.getTime() - minutes * minuteMs);
  return {
    at: now.toISOString(),
    cards: [
      card(now),
      card(now, {
        machine: 'C_FL102',
        name: 'Flexo 2',
        state: 'error',
        state_since: since(8),
        reason_needed: true,
        shift: shift('C_FL102', 7420, 260),
        pace_per_hour: 1120,
        oee: oeeWith({ oee: 0.512, availability: 0.704 }),
        timeline: spansOf(now, [...calmShift.slice(0, -1), ['running', 37], ['error', 8]]),
      }),
      card(now, {
        machine: 'C_FL103',
        name: 'Flexo 3',
        state: 'idle',
        state_since: since(12),
        reason: 'OPERATOR_BREAK',
        shift: shift('C_FL103', 11_600),
        timeline: spansOf(now, [
          ['running', 300],
          ['idle', 12, true, 'OPERATOR_BREAK'],
        ]),
      }),
      card(now, {
        machine: 'C_FL104',
        name: 'Flexo 4',
        state: 'offline',
        state_since: since(26),
        last_message: since(26),
        stale: true,
        pace_per_hour: null,
        shift: shift('C_FL104', 9800),
        timeline: spansOf(now, [
          ['running', 286],
          ['offline', 26],
        ]),
      }),
      card(now, {
        machine: 'C_SL201',
        name: 'Slotter 1',
        state: 'changeover',
        state_since: since(6),
        reason: 'CHANGEOVER',
        shift: shift('C_SL201', 9120),
        target_by_now: 11_300,
        timeline: spansOf(now, [
          ['running', 306],
          ['changeover', 6, false, 'CHANGEOVER'],
        ]),
      }),
      card(now, {
        machine: 'C_LK301',
        name: 'Longway folder gluer yang namanya panjang',
        state: 'running',
        state_since: since(200),
        target: null,
        target_by_now: null,
        oee: oeeWith({
          effectiveness: null,
          oee: null,
          idealPerHour: null,
          waterfall: oeeWith().waterfall.slice(0, 3),
        }),
        shift: shift('C_LK301', 640, 0),
        timeline: spansOf(now, [['running', 312]]),
      }),
      card(now, {
        machine: 'C_BB401',
        name: 'Baler',
        state: 'stopped',
        state_since: since(40),
        reason_needed: true,
        shift: null,
        target: null,
        target_by_now: null,
        pace_per_hour: null,
        order: null,
        oee: null,
        hours: [],
        timeline: [],
      }),
      card(now, {
        machine: 'C_FL105',
        name: 'Flexo 5',
        state: 'maintenance',
        state_since: since(55),
        reason: 'SCHEDULED_MAINTENANCE',
        shift: shift('C_FL105', 8300),
        target_by_now: 8250,
        timeline: spansOf(now, [
          ['running', 257],
          ['maintenance', 55, true, 'SCHEDULED_MAINTENANCE'],
        ]),
      }),
    ],
  };
}

/** `count` machines of a big hall. */
export function hall(now: Date, count: number): ProductionView {
  const kinds = factory(now).cards;
  return {
    at: now.toISOString(),
    cards: Array.from({ length: count }, (_, index) => {
      const kind = kinds[index % 12] ?? kinds[0];
      const number = String(index + 1).padStart(3, '0');
      return { ...(kind ?? card(now)), machine: `M${number}`, name: `Mesin ${number}` };
    }),
  };
}

export const reasons: readonly StopReason[] = [
  ['ELECTRICAL_FAILURE', 'Gangguan listrik', 'Electrical failure', false],
  ['MECHANICAL_FAILURE', 'Gangguan mekanik', 'Mechanical failure', false],
  ['MATERIAL_SHORTAGE', 'Bahan habis', 'Material shortage', false],
  ['WAITING_INSTRUCTIONS', 'Menunggu instruksi', 'Waiting for instructions', false],
  ['SETUP', 'Setel mesin', 'Setup', false],
  ['CHANGEOVER', 'Ganti pesanan', 'Changeover', false],
  ['OPERATOR_BREAK', 'Istirahat', 'Break', true],
  ['SCHEDULED_MAINTENANCE', 'Perawatan terjadwal', 'Scheduled maintenance', true],
].map(([code, id, english, planned]) => ({
  code: String(code),
  label: { id: String(id), 'en-US': String(english) },
  planned: planned === true,
}));

export function shiftRows(now: Date): readonly ShiftRow[] {
  const first = shiftStart(now);
  return [11_021, 17_450, 12_210, 16_904, 18_220, 9750, 17_002, 16_330, 15_871].map((production, index) => {
    const start = first - index * 8 * hourMs;
    return {
      machine: 'C_FL101',
      shift: String(3 - ((index + 2) % 3)),
      shift_date: iso(start).slice(0, 10),
      start: iso(start),
      end: iso(start + 8 * hourMs),
      closed: index > 0,
      production,
      defects: Math.round(production * 0.02),
      revision: index === 2 ? 1 : 0,
      unheard: 0,
      silent: false,
      target: index === 5 ? null : 18_000,
      oee: oeeWith({ oee: production / 23_000 }),
    };
  });
}

export function openStops(now: Date): readonly StopRow[] {
  const stop = (
    machine: string,
    name: string,
    state: MachineState,
    ago: number,
    minutes: number | null,
    id: number,
  ) => ({
    id,
    machine,
    name,
    start: iso(now.getTime() - ago * minuteMs),
    end: minutes === null ? null : iso(now.getTime() - (ago - minutes) * minuteMs),
    state,
    planned: false,
    reason: null,
    reason_by: null,
  });
  return [
    stop('C_FL102', 'Flexo 2', 'error', 8, null, 108),
    stop('C_BB401', 'Baler', 'stopped', 40, null, 411),
    stop('C_SL201', 'Slotter 1', 'stopped', 90, 17, 212),
  ];
}

export function estimateOf(now: Date): RepairEstimate {
  return {
    id: 'e-1',
    machine: 'C_FL102',
    component: 'Feeder',
    cause: 'FEEDER_JAM_ELEC',
    cause_name: { id: 'macet di feeder, kelistrikan (dugaan)', 'en-US': 'feeder jam, electrical (assumed)' },
    at: iso(now.getTime() - 7 * minuteMs),
    p10_minutes: 12,
    p50_minutes: 34,
    p90_minutes: 118,
    mean_minutes: 41,
    basis: {
      kind: 'mixed',
      stops: 23,
      level: 'machine-cause',
      shift: '1',
      health_index: 31.4,
      production: 7420,
      defects: 260,
      id: [
        '23 perbaikan dengan penyebab yang sama di mesin ini, yang terbaru lebih berbobot.',
        'Produksi shift ini 7.420, cacat 260.',
        'Dari 142 perbaikan terakhir, 81 % selesai di dalam kisaran; rata-rata meleset 18 menit.',
      ],
      'en-US': [
        '23 repairs of the same cause at this machine, recent ones count more.',
        'Production of this shift 7,420, defects 260.',
        'Of the last 142 repairs, 81 % ended inside the range; the mean error was 18 minutes.',
      ],
    },
  };
}

/** What people call the machines of the page Health. */
const names: Readonly<Record<string, string>> = { C_FL101: 'Flexo 1', C_FL102: 'Flexo 2', C_FL104: 'Flexo 4' };

export function component(now: Date, parts: Partial<NamedComponent> = {}): NamedComponent {
  const { machine = 'C_FL101' } = parts;
  return {
    machine,
    machine_name: names[machine] ?? machine,
    component: 'Feeder',
    rpn: 168,
    index: 78.28,
    smoothed: 77.9,
    band: 'fair',
    at: iso(now.getTime() - 4000),
    calculated_at: iso(now.getTime() - 4000),
    threshold: 40,
    hysteresis: 5,
    alarm: 'normal',
    alarm_since: null,
    inputs: [{ name: 'oee', value: 75.1, weight: 0.6, quality: 'good' }],
    advice: {
      code: 'preventive-feeder',
      id: 'Rencanakan pemeriksaan feeder pada ganti pesanan berikutnya.',
      'en-US': 'Plan a look at the feeder for the next changeover.',
    },
    auto_prediction: { triggered: false, trigger_threshold: 40, prediction_result: null },
    ...parts,
  };
}

export const calibration: Calibration = { repairs: 142, mean_absolute_error_minutes: 18.4, coverage_percent: 81 };

export function healthOf(now: Date): HealthView {
  const alarm = (
    machine: string,
    name: string,
    state: HealthView['alarms'][number]['state'],
    minutes: number,
    order: number,
  ) => ({
    id: `a-${machine}-${name}`,
    transition: `t-${machine}-${name}-${order}`,
    machine,
    machine_name: names[machine] ?? machine,
    component: name,
    state,
    previous: 'normal' as const,
    at: iso(now.getTime() - minutes * minuteMs),
    index: 31.4,
    threshold: 40,
    first_out: order,
    actor: state === 'shelved' ? 'Budi Santoso' : 'system',
    reason: state === 'shelved' ? 'Suku cadang dalam perjalanan' : null,
    shelved_until: state === 'shelved' ? iso(now.getTime() + 52 * minuteMs) : null,
    estimate: order === 1 ? estimateOf(now) : null,
  });
  return {
    at: now.toISOString(),
    components: [
      component(now),
      component(now, { component: 'Printing', index: 93.1, smoothed: 92.8, band: 'excellent', rpn: 64 }),
      component(now, {
        component: 'Slotter',
        index: 58.2,
        smoothed: 60.1,
        band: 'poor',
        rpn: 240,
        inputs: [
          { name: 'oee', value: 75.1, weight: 0.6, quality: 'good' },
          { name: 'vibration_mm_s', value: 4.6, weight: 0, quality: 'good' },
        ],
      }),
      component(now, {
        machine: 'C_FL102',
        index: 31.4,
        smoothed: 33.2,
        band: 'critical',
        rpn: 336,
        alarm: 'unacknowledged',
        alarm_since: iso(now.getTime() - 7 * minuteMs),
        auto_prediction: { triggered: true, trigger_threshold: 40, prediction_result: estimateOf(now) },
      }),
      component(now, {
        machine: 'C_FL102',
        component: 'Printing',
        index: 36.2,
        smoothed: 37.2,
        band: 'critical',
        alarm: 'shelved',
        alarm_since: iso(now.getTime() - 60 * minuteMs),
      }),
      component(now, {
        machine: 'C_FL104',
        component: 'Feeder',
        index: null,
        smoothed: null,
        band: 'unknown',
        at: iso(now.getTime() - 26 * minuteMs),
        calculated_at: iso(now.getTime() - 26 * minuteMs),
        inputs: [{ name: 'oee', value: null, weight: 0.6, quality: 'stale' }],
      }),
    ],
    alarms: [alarm('C_FL102', 'Printing', 'shelved', 4, 2), alarm('C_FL102', 'Feeder', 'unacknowledged', 7, 1)],
    calibration,
  };
}

/** A day that sinks slowly, has a hole, and passes the threshold near its end. */
export function trendOf(now: Date, machine: string, name: string): HealthTrend {
  const points = Array.from({ length: 24 * 12 }, (_, index) => {
    const at = now.getTime() - (24 * 12 - index) * 5 * minuteMs;
    const unknown = index > 120 && index < 150;
    const mean = 88 - index * 0.16 - Math.abs(Math.sin(index / 7)) * 6 - (index > 250 ? (index - 250) * 0.5 : 0);
    const shown = Math.round(mean * 100) / 100;
    return {
      at: iso(at),
      mean: unknown ? null : shown,
      min: unknown ? null : shown - 2,
      max: unknown ? null : shown + 2,
      smoothed: unknown ? null : Math.round((mean + 3) * 100) / 100,
      unknown: unknown ? 1 : 0,
    };
  });
  const [, alarm] = healthOf(now).alarms;
  if (!alarm) throw new Error('no alarm');
  const { shelved_until: _until, estimate: _estimate, machine_name: _name, ...raised } = alarm;
  return {
    machine,
    component: name,
    grain: 'minute',
    threshold: 40,
    hysteresis: 5,
    from: iso(now.getTime() - 24 * hourMs),
    to: now.toISOString(),
    points,
    alarms: [{ ...raised, machine, component: name }],
  };
}

/** Two of 31 messages that could not be counted. */
export function quarantine(now: Date): QuarantinePage {
  const message = (id: number, parts: Partial<QuarantinedMessage>): QuarantinedMessage => ({
    id,
    source: 'shopfloor/machines/C_FL102/status',
    machine: 'C_FL102',
    code: 'absurd-jump',
    message: '981245 pieces in 5 s are more than 200000 an hour',
    raw: '{"machine_id":"C_FL102","machine_status":"Running","cumulative_production":1992266,"cumulative_defects":812}',
    cut: false,
    arrived_at: now.toISOString(),
    status: 'waiting',
    attempts: 0,
    ...parts,
  });
  return {
    waiting: 31,
    groups: [
      { machine: 'C_XX900', code: 'unknown-machine', waiting: 29, newest: 4710 },
      { machine: 'C_FL102', code: 'absurd-jump', waiting: 1, newest: 4712 },
      { machine: null, code: 'not-json', waiting: 1, newest: 4711 },
    ],
    messages: [
      message(4712, {}),
      message(4711, {
        machine: null,
        code: 'not-json',
        message: 'is no JSON',
        raw: `{"machine_id": ${'x'.repeat(400)}`,
        cut: true,
      }),
    ],
  };
}
