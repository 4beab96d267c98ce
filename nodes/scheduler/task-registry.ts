// Every task-clock of this runtime, so that one status route can list them all.

import type { TaskStatus } from './messages.ts';
import type { Task } from './task.ts';

/** Mapped by node id. */
const tasks = new Map<string, Task>();

export function registerTask(nodeId: string, task: Task): void {
  tasks.set(nodeId, task);
}

export function unregisterTask(nodeId: string, task: Task): void {
  if (tasks.get(nodeId) === task) tasks.delete(nodeId);
}

/** Ordered by line and task number. */
export function taskStatuses(): readonly TaskStatus[] {
  return [...tasks.values()]
    .map((task) => task.status())
    .sort((a, b) => (a.line ?? '').localeCompare(b.line ?? '') || a.task - b.task);
}
