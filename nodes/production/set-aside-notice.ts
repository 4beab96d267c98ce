// What people are told when a machine's content is refused by the tables, and when it is taken again.
import type { NotifyCommand, Recipients } from '../notify/messages.ts';
import { unreadable } from './journal-entries.ts';
import type { ProductionEvent } from './messages.ts';

/** Who can look into the messages and the database, and who must know that a machine is not counted. */
const recipients: Recipients = { roles: ['admin', 'supervisor'] };

const consequences: Readonly<Record<string, readonly [id: string, english: string]>> = {
  readings: [
    'Pesannya menunggu di karantina dan belum dihitung; mesin lain tetap dihitung. Dicoba lagi sendiri.',
    'Its messages wait in the quarantine and are not counted; other machines go on. It is tried again by itself.',
  ],
  clock: [
    'Gilirannya belum ditutup dan diamnya belum dicatat; mesin lain berjalan terus. Dicoba lagi sendiri.',
    'Its shifts are not closed and its silence is not noted; other machines go on. It is tried again by itself.',
  ],
};

/** The notification of such an event, or of a row of the journal that nobody can read; null for any other. @param name of the machine, as people know it */
export function setAsideNotice({ seq, machine, type, detail }: ProductionEvent, name: string): NotifyCommand | null {
  const about = { command: 'notify', recipients, link: '/dashboard/production', dedupeKey: `${type} ${seq}` } as const;
  const subject = machine === '' ? 'Pesan tanpa nama mesin / Messages without a machine' : name;
  if (type === 'machine-set-aside') {
    const [indonesian, english] = consequences[String(detail.part)] ?? ['', ''];
    const cause = String(detail.cause);
    return {
      ...about,
      type: 'machine_set_aside',
      severity: 'alarm',
      title: `${subject}: datanya ditolak basis data / its data is refused by the database`,
      body: `${indonesian} Sebab: ${cause} / ${english} Cause: ${cause}`,
    };
  }
  if (type === unreadable) {
    const cause = String(detail.cause);
    return {
      ...about,
      type: 'journal_unreadable',
      severity: 'alarm',
      title: 'Sebagian jurnal tidak terbaca / A part of the journal is unreadable',
      body:
        `Teksnya disimpan utuh di karantina; pesan lain tetap dihitung. Periksa disk dan basis data. Sebab: ${cause} / ` +
        `Its text is kept whole in the quarantine; other messages are counted. Check disk and database. Cause: ${cause}`,
    };
  }
  if (type !== 'machine-taken-back') return null;
  return {
    ...about,
    type: 'machine_taken_back',
    severity: 'info',
    title: `${subject}: datanya diterima lagi / its data is taken again`,
    body:
      'Pesan yang masih menunggu di karantina dapat dinilai lagi, dari yang terlama. / ' +
      'Messages that still wait in the quarantine can be judged again, the oldest first.',
  };
}
