// `npm run verify-audit`: reads the audit trail of the configured database, and says whether it is what was written.
import { verifyChain } from '../nodes/access/audit-chain.ts';
import type { AccessSchema } from '../nodes/access/schema.ts';
import { openStore } from '../nodes/store/open-store.ts';
import { EnvironmentFault, parseEnvironment } from './environment.ts';

/** 0: as written; 1: changed; 2: it could not be read. */
async function main(): Promise<number> {
  const { databaseUrl } = parseEnvironment(process.env, process.cwd());
  const store = await openStore(databaseUrl);
  try {
    const { rows, head, fault } = await verifyChain(store.reader<AccessSchema>());
    process.stdout.write(`${rows} rows, newest hash ${head}\n${fault ?? 'The trail is what was written.'}\n`);
    return fault === undefined ? 0 : 1;
  } finally {
    await store.close();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  const isSaid = error instanceof EnvironmentFault;
  process.stderr.write(`${isSaid ? error.message : `The trail could not be read: ${String(error)}`}\n`);
  return 2;
});
