// When a task runs next for something that is due at an instant: its own clock decides, not the instant.
import type { TaskStatus } from './messages.ts';

/**
 * The first run of task number `task` at or after `dueAt` (ISO 8601), by the earliest of its clocks; null while no clock of it runs.
 */
export function nextRunFor(
  tasks: readonly Pick<TaskStatus, 'task' | 'enabled' | 'nextRunAt' | 'intervalSeconds'>[],
  task: number,
  dueAt: string,
): string | null {
  const due = Date.parse(dueAt);
  const runs = tasks.flatMap(({ task: number, enabled, nextRunAt, intervalSeconds }) => {
    if (number !== task || !enabled || nextRunAt === null) return [];
    const first = Date.parse(nextRunAt);
    const intervals = Math.max(0, Math.ceil((due - first) / (intervalSeconds * 1000)));
    return [first + intervals * intervalSeconds * 1000];
  });
  return runs.length === 0 ? null : new Date(Math.min(...runs)).toISOString();
}
