// Another program that holds the write lock of a SQLite file.
import { fork } from 'node:child_process';
import { once } from 'node:events';

const script = new URL('../store/locking-process.ts', import.meta.url);

/** Resolves when the lock is held; the returned function ends it, and resolves when the other program is gone. */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const child = fork(script, [file], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    ended.then(() => {
      throw new Error(`${file} was not locked`);
    }),
  ]);
  return async () => {
    if (child.connected) child.send('let go');
    await ended;
  };
}
