// The messages that every contender receives: machines that count up, in the original's payload, one after the other.

export const topicOf = (machine: string) => `bench/machines/${machine}/status`;
export const benchTopics = 'bench/machines/+/status';

export interface StatusMessage {
  readonly topic: string;
  readonly payload: Buffer;
}

/** What `count` messages of `machines` machines add up to: each machine's first message is its baseline. */
export interface MessageSeries {
  readonly count: number;
  readonly machines: number;
}

export const piecesPerMessage = 7;

/** Message `index` (from 0) of a series; times are a second apart for each machine and end about now. */
export function statusMessage({ count, machines }: MessageSeries, index: number, endMs: number): StatusMessage {
  const machine = `M${String(index % machines).padStart(4, '0')}`;
  const tick = Math.floor(index / machines);
  const ticks = Math.ceil(count / machines);
  const at = new Date(endMs - (ticks - tick) * 1000);
  const payload = {
    machine_id: machine,
    machine_status: 'Running',
    performance_rate: 81.4 + (index % 50) / 100,
    quality_rate: 96.25,
    availability_rate: 84.9,
    cumulative_production: 1000 + tick * piecesPerMessage,
    cumulative_defects: 10 + Math.floor(tick / 20),
    interval_production: piecesPerMessage,
    interval_defects: 0,
    timestamp: at.toISOString(),
    simulator_version: '2.1',
    operator_note:
      'line runs, blade changed at the beginning of the shift, sheet 2.4 mm, double wall, order 621100663151',
  };
  return { topic: topicOf(machine), payload: Buffer.from(JSON.stringify(payload)) };
}

/** Pieces that all machines made after their baselines. */
export function piecesOf({ count, machines }: MessageSeries): number {
  let pieces = 0;
  for (let machine = 0; machine < machines; machine += 1) {
    const messages = Math.floor((count - machine - 1) / machines) + 1;
    pieces += Math.max(0, messages - 1) * piecesPerMessage;
  }
  return pieces;
}
