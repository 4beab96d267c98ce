// A test that needs a tool of the machine names it: skipped by that name where it is missing, a failure in CI.
import { spawnSync } from 'node:child_process';

/** Runs `command args`; when that fails, skips the running test or suite by name, or throws when CI is set. */
export function requireTool(context: Mocha.Context, name: string, command: string, args: readonly string[]): void {
  const probe = spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 });
  if (probe.status === 0) return;
  const reason = `needs ${name}, which this machine does not have`;
  if (process.env.CI) throw new Error(`CI must not skip: ${reason}`);
  process.stdout.write(`      skipped: ${reason}\n`);
  context.skip();
}
