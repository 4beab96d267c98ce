// Finds what a crash left in the folder: uploads that never ended, and files that never got a row.
import type { Store } from '../store/store.ts';
import { withoutRow } from './attachment-rows.ts';
import type { SweepReport } from './attachments-contract.ts';
import type { FileArea } from './file-area.ts';
import { UploadRefused } from './refusals.ts';
import type { AttachmentSchema } from './schema.ts';

export interface SweepOrder {
  readonly store: Store;
  readonly area: FileArea;
  readonly now: Date;
  readonly olderThanMs: number;
  /** Deletes those without a row, safely beside a keep. */
  readonly discard: (ids: readonly string[]) => Promise<void>;
}

const batchSize = 500;
/** A crash leaves what was under way: twenty uploads of ten files. More than this, and it is another database's folder. */
const mostLeftovers = 500;
const mostLeftoverShare = 0.1;
/** Long after every request that knew the id has ended. */
const rememberGoneMs = 7 * 24 * 60 * 60 * 1000;

export async function sweepArea(order: SweepOrder): Promise<SweepReport> {
  const { store, area, now, olderThanMs } = order;
  await refuseForeign(store, area);
  const old = now.getTime() - olderThanMs;
  let removed = 0;
  for await (const { id, modifiedMs } of area.incoming()) {
    if (modifiedMs > old) continue;
    await area.removeIncoming(id);
    removed += 1;
  }
  const { seen, leftovers } = await findLeftovers(store, area, old);
  if (leftovers.length > mostLeftovers && leftovers.length > seen * mostLeftoverShare) {
    throw new UploadRefused(
      'upload-folder',
      `${leftovers.length} of ${seen} files are in no row of ${store.location}: an older or another database. Nothing was deleted.`,
    );
  }
  for (let from = 0; from < leftovers.length; from += batchSize) {
    await order.discard(leftovers.slice(from, from + batchSize));
  }
  const before = new Date(now.getTime() - rememberGoneMs).toISOString();
  await store.db<AttachmentSchema>().deleteFrom('attachment_gone').where('at', '<', before).execute();
  return { seen, removed: removed + leftovers.length };
}

/** Ties a new folder to this database; refuses to sweep the folder of another one, in which every file would be a leftover. */
async function refuseForeign(store: Store, area: FileArea): Promise<void> {
  const { mark } = await store
    .db<AttachmentSchema>()
    .selectFrom('attachment_folder')
    .select('mark')
    .executeTakeFirstOrThrow();
  const known = await area.readMark();
  if (known === undefined) await area.writeMark(mark);
  else if (known !== mark) {
    throw new UploadRefused(
      'upload-folder',
      `The folder for photos and documents belongs to another database than ${store.location}. Nothing was deleted.`,
    );
  }
}

async function findLeftovers(store: Store, area: FileArea, old: number) {
  const leftovers: string[] = [];
  let seen = 0;
  let batch: string[] = [];
  const look = async () => {
    leftovers.push(...(await withoutRow(store.reader<AttachmentSchema>(), batch)));
    batch = [];
  };
  for await (const { id, modifiedMs } of area.kept()) {
    seen += 1;
    if (modifiedMs > old) continue;
    batch.push(id);
    if (batch.length >= batchSize) await look();
  }
  await look();
  return { seen, leftovers };
}
