// The notification of a machine whose messages are refused one after the other, as the node notify takes it.
import type { NotifyCommand, Recipients } from '../notify/messages.ts';
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
 * What people are told of an event `counter-shut-out`; null for any other. An episode lasts until a message counts again, also over
 * restarts: it is known by the machine and the last message that counted, and told once.
 *
 * @param name of the machine, as people know it
 */
export function shutOutNotice(event: ProductionEvent, name: string): NotifyCommand | null {
  if (event.type !== 'counter-shut-out') return null;
  const { code, last_counted: lastCounted } = event.detail;
  const refused = String(event.detail.refused);
  const [indonesian, english] = reasons[String(code)] ?? otherReason;
  return {
    command: 'notify',
    type: 'counter_shut_out',
    recipients,
    severity: 'alarm',
    title: `${name}: hitungan ditolak / counts are refused`,
    body:
      `${refused} pesan berturut-turut ditolak: ${indonesian}. Sampai batas mesin diperbaiki atau penghitungnya diberi titik awal baru, produksinya tidak dihitung. / ` +
      `${refused} messages in a row were refused: ${english}. Until the machine's limits are right or its counter has a new baseline, its production is not counted.`,
    link: '/dashboard/production',
    dedupeKey: `counter-shut-out ${event.machine} ${typeof lastCounted === 'string' ? lastCounted : 'never'}`,
  };
}
