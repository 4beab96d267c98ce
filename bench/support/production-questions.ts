// What pages and routes ask of production, by name: the questions whose answers must be quick whatever the years behind them.

const dayMs = 24 * 60 * 60 * 1000;

/** Queries of production-oee, mapped by what a person would call them. */
export function pageQuestions(nowMs: number): ReadonlyMap<string, object> {
  const ago = (days: number) => new Date(nowMs - days * dayMs).toISOString();
  const date = (days: number) => ago(days).slice(0, 10);
  return new Map<string, object>([
    ['cards of all machines', { command: 'current' }],
    ['card of one machine', { command: 'current', machine: 'M001' }],
    ['windows of the health room', { command: 'windows' }],
    ['newest messages', { command: 'sensor-current' }],
    ['OEE of all, last 24 h', { command: 'oee', from: ago(1) }],
    ['OEE of all, last week', { command: 'oee', from: ago(7.3) }],
    ['OEE of all, last year', { command: 'oee', from: ago(364.6) }],
    ['OEE of one, last year', { command: 'oee', machine: 'M001', from: ago(364.6) }],
    ['shifts of all, newest 100', { command: 'shifts', limit: 100 }],
    ['shifts of one, a year back', { command: 'shifts', machine: 'M001', limit: 100, offset: 900 }],
    ['timeline of one, a day', { command: 'timeline', machine: 'M001', from: ago(1) }],
    ['timeline of one, long ago', { command: 'timeline', machine: 'M002', from: ago(300), to: ago(299) }],
    ['stops without a reason', { command: 'stops', limit: 50 }],
    ['history of stops', { command: 'downtime-history', limit: 50 }],
    [
      'history of one component',
      { command: 'downtime-history', component: 'System', start_date: date(364), limit: 100 },
    ],
    ['history of one machine', { command: 'downtime-history', machine: 'M003', start_date: date(364), limit: 100 }],
    ['figures of stops, 30 days', { command: 'downtime-statistics' }],
    ['figures of stops, a year', { command: 'downtime-statistics', start_date: date(364) }],
    ['reasons', { command: 'reasons' }],
  ]);
}
