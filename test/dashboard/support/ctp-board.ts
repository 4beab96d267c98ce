// Three machines of the department in different states, for tests of the pages.
import type { Attachment } from '../../../nodes/attachments/messages.ts';
import type { CtpBoard, CtpCard, CtpMachine, CtpProblem, CtpStatistics } from '../../../nodes/ctp/messages.ts';

export const ago = (now: Date, minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();

export function machineOf(now: Date, changes: Partial<CtpMachine> = {}): CtpMachine {
  return {
    id: 1,
    name: 'CTP 1 Suprasetter',
    nickname: 'suprasetter',
    kind: 'ctp',
    description: null,
    status: 'active',
    status_since: ago(now, 300),
    manual_status: null,
    open_severity: null,
    open_problems: 0,
    open_since: null,
    retired: false,
    version: 1,
    ...changes,
  };
}

export function problemOf(now: Date, changes: Partial<CtpProblem> = {}): CtpProblem {
  return {
    id: 41,
    machine_id: 2,
    machine_nickname: 'platesetter',
    machine_name: 'CTP 2 Platesetter',
    problem_date: ago(now, 95),
    error_code: 'E-204',
    category: 'laser',
    severity: 'stop',
    problem_description: 'Laser head loses focus after ten plates',
    solution: null,
    technician_type: 'lokal',
    technician_name: 'Pak Joko',
    vendor_name: null,
    start_time: ago(now, 95),
    response_time: ago(now, 80),
    end_time: null,
    status: 'ongoing',
    void_reason: null,
    parts: [],
    photos: [],
    documents: [],
    downtime_hours: 1.6,
    created_by: 'rina',
    created_at: ago(now, 94),
    updated_at: ago(now, 80),
    version: 3,
    ...changes,
  };
}

export function photoOf(now: Date, changes: Partial<Attachment> = {}): Attachment {
  return {
    id: 'AAAAAAAAAAAAAAAAAAAAAA',
    sizeBytes: 200_000,
    sha256: 'ab'.repeat(32),
    name: 'head.jpg',
    kind: 'photo',
    type: 'image/jpeg',
    width: 1600,
    height: 1200,
    thumbnailId: 'BBBBBBBBBBBBBBBBBBBBBB',
    role: 'before',
    createdAt: ago(now, 94),
    createdBy: 'rina',
    ...changes,
  };
}

/** CTP 2 stands, CTP 3 is being cleaned by hand, CTP 1 runs. */
export function boardOf(now: Date): CtpBoard {
  const stopped = problemOf(now);
  const cards: CtpCard[] = [
    { machine: machineOf(now), downtime_today_s: 0, downtime_month_s: 7200, open: [] },
    {
      machine: machineOf(now, {
        id: 2,
        name: 'CTP 2 Platesetter',
        nickname: 'platesetter',
        status: 'maintenance',
        status_since: ago(now, 95),
        open_severity: 'stop',
        open_problems: 1,
        open_since: ago(now, 95),
        version: 7,
      }),
      downtime_today_s: 5700,
      downtime_month_s: 41_000,
      open: [stopped],
    },
    {
      machine: machineOf(now, {
        id: 3,
        name: 'CTP 3 Trendsetter',
        nickname: 'trendsetter',
        status: 'cleaning',
        status_since: ago(now, 12),
        manual_status: { status: 'cleaning', reason: 'weekly cleaning', by: 'rina', at: ago(now, 12) },
        version: 2,
      }),
      downtime_today_s: 0,
      downtime_month_s: 600,
      open: [],
    },
  ];
  const done = problemOf(now, {
    id: 40,
    machine_id: 1,
    machine_nickname: 'suprasetter',
    machine_name: 'CTP 1 Suprasetter',
    error_code: null,
    category: 'processor',
    severity: 'slow',
    problem_description: 'Developer too cold',
    solution: 'Heater replaced',
    status: 'completed',
    start_time: ago(now, 600),
    end_time: ago(now, 480),
    downtime_hours: 2,
    version: 2,
  });
  return { at: now.toISOString(), cards, recent: [stopped, done] };
}

export function statisticsFor(now: Date): CtpStatistics {
  return {
    from: ago(now, 30 * 1440),
    to: now.toISOString(),
    machine_id: 2,
    problems: { total: 5, open: 1, completed: 4 },
    downtime_s: 41_000,
    planned_s: 720_000,
    availability: { value: 94.3, unit: 'percent', formula: 'APT / PBT', numerator: 188.6, denominator: 200 },
    mttr: { value: 2.3, unit: 'hours', formula: 'TTR / problems', numerator: 9.2, denominator: 4 },
    mtbf: { value: null, unit: 'hours', formula: 'APT / failures', numerator: 188.6, denominator: 0 },
    response: { value: 15, unit: 'minutes', formula: 'response / problems', numerator: 60, denominator: 4 },
    trend: [
      { from: '2026-11-19', problems: 1, downtime_s: 3600 },
      { from: '2026-11-20', problems: 0, downtime_s: 0 },
      { from: '2026-11-21', problems: 2, downtime_s: 9000 },
    ],
    pareto: {
      error_code: [
        { key: 'E-204', problems: 3, downtime_s: 30_000, cumulative_percent: 73.2 },
        { key: '', problems: 2, downtime_s: 11_000, cumulative_percent: 100 },
      ],
      category: [{ key: 'laser', problems: 5, downtime_s: 41_000, cumulative_percent: 100 }],
      machine: [{ key: 'CTP 2 Platesetter', problems: 5, downtime_s: 41_000, cumulative_percent: 100 }],
    },
    technicians: [
      { type: 'lokal', name: 'Pak Joko', vendor: null, problems: 4, mttr_minutes: 138, response_minutes: 15 },
      { type: 'vendor', name: null, vendor: 'Heidelberg', problems: 1, mttr_minutes: null, response_minutes: null },
    ],
    vendors: [
      { type: 'lokal', vendor: null, problems: 4, mttr_minutes: 138.25, response_minutes: 15 },
      { type: 'vendor', vendor: null, problems: 2, mttr_minutes: 61, response_minutes: null },
      { type: 'vendor', vendor: 'Heidelberg', problems: 1, mttr_minutes: null, response_minutes: null },
    ],
  };
}
