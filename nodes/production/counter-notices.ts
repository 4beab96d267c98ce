// What people are told about a machine's counter, as the node notify takes it: refused, falling again and again, restarted near its top.
import type { NotifyCommand, Recipients } from '../notify/messages.ts';
import type { Ambiguity } from './counter-steps.ts';
import type { ProductionEvent } from './messages.ts';

/** Who can set limits right, and who looks at the machine. */
const recipients: Recipients = { roles: ['supervisor', 'maintenance'] };

/** Why a message with counts is refused, mapped by code; as the page Production says it. */
const reasons: Readonly<Record<string, readonly [id: string, english: string]>> = {
  'absurd-jump': ['hitungan melonjak terlalu jauh', 'the counter jumped too far'],
  'beyond-modulus': ['hitungan melewati batas penghitung', 'the count is beyond the counter’s range'],
  'defects-exceed-production': ['cacat lebih banyak dari produksi', 'more defects than production'],
  'beyond-dedupe-window': [
    'terlalu lama untuk dikenali sebagai pesan ganda',
    'too old to be told from a second delivery',
  ],
  'perhaps-duplicate': ['mungkin pesan ganda', 'perhaps a second delivery'],
};
const otherReason = ['tidak dapat dihitung', 'it could not be counted'] as const;

/**
 * What people are told of what became of a machine's counter; null for any other event. An episode lasts until a message counts again, also over
 * restarts: it is known by the machine and the last message that counted, and told once.
 *
 * @param name of the machine, as people know it
 */
export function counterNotice(event: ProductionEvent, name: string): NotifyCommand | null {
  if (event.type === 'counter-shut-out') return shutOut(event, name);
  if (event.type === 'counter-falls') return falls(event, name);
  const { ambiguous } = event.detail;
  const isRestart = event.type === 'counter-reset' || event.type === 'counter-rollover';
  return isRestart && isAmbiguity(ambiguous) ? restart(event, name, ambiguous) : null;
}

function shutOut({ machine, detail }: ProductionEvent, name: string): NotifyCommand {
  const { code, in_row: isInRow } = detail;
  const refused = String(detail.refused);
  const [indonesian, english] = reasons[String(code)] ?? otherReason;
  const id = isInRow === false ? 'dari 20 pesan terakhir' : 'pesan berturut-turut';
  const en = isInRow === false ? 'of the last 20 messages' : 'messages in a row';
  return {
    command: 'notify',
    type: 'counter_shut_out',
    recipients,
    severity: 'alarm',
    title: `${name}: hitungan ditolak / counts are refused`,
    body:
      `${refused} ${id} ditolak: ${indonesian}. Sampai batas mesin diperbaiki atau penghitungnya diberi titik awal baru, produksinya tidak dihitung. / ` +
      `${refused} ${en} were refused: ${english}. Until the machine's limits are right or its counter has a new baseline, its production is not counted.`,
    link: '/dashboard/production',
    dedupeKey: keyOf('counter-shut-out', machine, detail),
  };
}

function falls({ machine, detail }: ProductionEvent, name: string): NotifyCommand {
  return {
    command: 'notify',
    type: 'counter_falls',
    recipients,
    severity: 'alarm',
    title: `${name}: penghitung turun berulang kali / the counter falls again and again`,
    body:
      'Tiga kali turun dalam sepuluh pesan: dua mesin mengirim dengan satu nama, atau penghitungnya rusak. Tidak ada yang dihitung sampai penghitung naik selama sepuluh pesan. Beri setiap mesin nama sendiri, atau periksa penghitungnya. / ' +
      'Three falls in ten messages: two machines send under one name, or the counter is broken. Nothing is counted until it has gone up for ten messages. Give each machine a name of its own, or check the counter.',
    link: '/dashboard/production',
    dedupeKey: keyOf('counter-falls', machine, detail),
  };
}

function restart({ machine, at, type }: ProductionEvent, name: string, ambiguous: Ambiguity): NotifyCommand {
  const { modulus, asRollover, asReset } = ambiguous;
  const counted = type === 'counter-rollover' ? asRollover : asReset;
  return {
    command: 'notify',
    type: 'counter_ambiguous',
    recipients,
    severity: 'warning',
    title: `${name}: penghitung mulai lagi di dekat batasnya / the counter restarted near its top`,
    body:
      `Jika penghitung berputar pada ${modulus}, jumlahnya ${asRollover}; jika disetel ulang, ${asReset}. Dihitung: ${counted}. Isi batas penghitung mesin, atau koreksi. / ` +
      `If the counter rolled over at ${modulus}, it made ${asRollover}; if it was reset, ${asReset}. Counted: ${counted}. Set the machine's counterModulus, or correct.`,
    link: '/dashboard/production',
    dedupeKey: `counter-ambiguous ${machine} ${at}`,
  };
}

function keyOf(type: string, machine: string, { last_counted: lastCounted }: ProductionEvent['detail']): string {
  return `${type} ${machine} ${typeof lastCounted === 'string' ? lastCounted : 'never'}`;
}

function isAmbiguity(value: unknown): value is Ambiguity {
  return typeof value === 'object' && value !== null && 'asRollover' in value;
}
