// What people should be told of the quarantine: machines that send and that nobody has registered, and that there is no more room.
import { sql } from 'kysely';
import type { NotifyCommand, Recipients } from '../notify/messages.ts';
import type { Store } from '../store/store.ts';
import { roomInQuarantine } from './quarantine-keeping.ts';
import type { IntakeSchema } from './tables.ts';

/** Who may register machines and decide about messages. */
const recipients: Recipients = { roles: ['admin', 'supervisor'] };

/** Strangers are looked for among so many of the newest messages: a look stays short however many wait. */
const newestLookedAt = 200;
/** A broker that anybody may write to can invent names; that many strangers a day are worth a notice of their own. */
const mostStrangersADay = 10;

/** Says each thing once; over restarts the notices' keys see to that. */
export class QuarantineWatch {
  /** Of `#day`. */
  #told = new Set<string>();
  #day = '';

  /** @param day of the plant, such as `2026-01-05` */
  async look(store: Store, day: string): Promise<readonly NotifyCommand[]> {
    if (day !== this.#day) this.#told = new Set();
    this.#day = day;
    const notices: NotifyCommand[] = [];
    const strangers = await strangersIn(store);
    for (const machine of strangers) {
      if (this.#told.has(machine) || this.#told.size >= mostStrangersADay) continue;
      this.#told.add(machine);
      notices.push(strangerNotice(machine));
    }
    // An empty name is no machine's, so it can stand for the quarantine itself.
    if (!this.#told.has('') && (await isFull(store))) {
      this.#told.add('');
      notices.push(fullNotice(day));
    }
    return notices;
  }
}

async function strangersIn(store: Store): Promise<readonly string[]> {
  const newest = await store
    .reader<IntakeSchema>()
    .selectFrom('production_quarantine')
    .select(['machine', 'code'])
    // Written out, not bound: the partial index serves only a condition that it can recognise.
    .where('status', '=', sql.lit('waiting'))
    .orderBy('id', 'desc')
    .limit(newestLookedAt)
    .execute();
  const strangers = new Set(
    newest.filter(({ code }) => code === 'unknown-machine').flatMap(({ machine }) => machine ?? []),
  );
  if (strangers.size === 0) return [];
  const registered = await store
    .reader<IntakeSchema>()
    .selectFrom('production_machine')
    .select('id')
    .where('active', '=', 1)
    .where('id', 'in', [...strangers])
    .execute();
  // Its messages of before wait for a decision, but it is a stranger no longer.
  for (const { id } of registered) strangers.delete(id);
  return [...strangers];
}

async function isFull(store: Store): Promise<boolean> {
  const { waiting } = await store
    .reader<IntakeSchema>()
    .selectFrom('production_quarantine')
    .select((row) => row.fn.countAll<number>().as('waiting'))
    .where('status', '=', sql.lit('waiting'))
    .executeTakeFirstOrThrow();
  return Number(waiting) >= roomInQuarantine;
}

function strangerNotice(machine: string): NotifyCommand {
  return {
    command: 'notify',
    type: 'machine_unknown',
    recipients,
    severity: 'warning',
    title: `${machine}: mesin belum terdaftar / machine is not registered`,
    body:
      'Pesannya disimpan di karantina dan belum dihitung. Daftarkan mesinnya, lalu nilai lagi pesannya dari yang terlama; atau buang. / ' +
      'Its messages are kept in the quarantine and are not counted. Register it and judge them again, the oldest first; or discard them.',
    link: '/dashboard/production',
    dedupeKey: `machine-unknown ${machine}`,
  };
}

function fullNotice(day: string): NotifyCommand {
  return {
    command: 'notify',
    type: 'quarantine_full',
    recipients,
    severity: 'alarm',
    title: 'Karantina penuh / The quarantine is full',
    body:
      `${roomInQuarantine} pesan menunggu keputusan; pesan berikutnya yang ditolak hanya dicacah, isinya tidak disimpan. / ` +
      `${roomInQuarantine} messages wait for a decision; of further refused ones only the number is kept, not the text.`,
    link: '/dashboard/production',
    dedupeKey: `quarantine-full ${day}`,
  };
}
