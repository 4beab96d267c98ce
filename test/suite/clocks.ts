// The moments at which the suite must hold as well: leap day, both changes of a clock, the turn of a year, a year ahead.
import { existsSync, globSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface MovedClock {
  /** For the command line. */
  readonly name: string;
  /** Every test file begins at this moment. */
  readonly startsAt: Date;
  /** TZ of the processes: the zone in which the moment is a special one. */
  readonly zone: string;
}

/** `nowMs`: the true time, from which the clock that is one year ahead is made. */
export function movedClocks(nowMs: number): readonly MovedClock[] {
  const clock = (name: string, zone: string, instant: string): MovedClock => ({
    name,
    zone,
    startsAt: new Date(instant),
  });
  return [
    clock('leap-day', 'UTC', '2028-02-29T12:00:00Z'),
    clock('spring', 'Europe/Berlin', '2027-03-28T00:59:50Z'),
    clock('autumn', 'Europe/Berlin', '2027-10-31T00:59:50Z'),
    clock('new-year', 'UTC', '2027-12-31T23:50:00Z'),
    clock('new-year-plant', 'Asia/Jakarta', '2027-12-31T16:59:55Z'),
    { name: 'year-ahead', zone: 'UTC', startsAt: new Date(nowMs + 365 * 86_400_000) },
  ];
}

/** Variables that move the clock of a process and of all that it starts; throws where libfaketime is not installed. */
export function clockEnvironment(clock: MovedClock, nowMs: number): NodeJS.ProcessEnv {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
  if (library === undefined) throw new Error('libfaketime is missing: apt-get install libfaketime');
  const seconds = Math.round((clock.startsAt.getTime() - nowMs) / 1000);
  return {
    LD_PRELOAD: library,
    // An offset and no date, so that processes that start later agree with those that run.
    FAKETIME: seconds < 0 ? `${seconds}` : `+${seconds}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    TZ: clock.zone,
  };
}

const sharedMemory = '/dev/shm';

/**
 * Removes what libfaketime left behind for processes that were killed: it names its semaphores by process id, and refuses to start
 * a process whose id has one of another user, as PostgreSQL's would be.
 */
export function sweepClockLeftovers(): void {
  for (const name of readdirSync(sharedMemory)) {
    const pid = /^(?:sem\.faketime_sem|faketime_shm)_(\d+)$/.exec(name)?.[1];
    if (pid === undefined || existsSync(join('/proc', pid))) continue;
    try {
      rmSync(join(sharedMemory, name));
    } catch (error) {
      // Another run's sweep was faster, or it belongs to another user, whose ids collide with nothing that this user starts.
      if (!['ENOENT', 'EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
