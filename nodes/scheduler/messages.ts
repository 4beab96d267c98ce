// Messages of the scheduler room (node task-clock).

/** Input of task-clock. A message without a command runs the task, so that an Inject node or a button is enough. */
export type TaskCommand =
  | { readonly command: 'run' }
  /** The end of the chain reports back; wire it to the task-clock that started it. */
  | { readonly command: 'done' }
  /** From a Catch node of the task's group. */
  | { readonly command: 'failed' }
  | { readonly command: 'status' };

/** First output: begins one run of the task. `msg.taskRun` must reach the end of the chain. */
export interface TaskStart {
  readonly command: 'begin';
  readonly task: number;
  readonly title: string;
}

/** Alarms of the clocks; each has words in nodes/notify/alarm-words.ts. */
export const taskAlarmCodes = ['task-failing'] as const;
export type TaskAlarmCode = (typeof taskAlarmCodes)[number];

/** Third output, topic `task/alarm`: once when it begins and once when it ends. */
export interface TaskAlarm {
  readonly code: TaskAlarmCode;
  readonly key: string;
  readonly active: boolean;
  /** The task's title. */
  readonly subject: string;
  readonly task: number;
  /** In a row. */
  readonly failures: number;
  readonly since: string;
  /** What is wrong, in English. */
  readonly message: string;
}

export type TaskOutcome = 'done' | 'failed' | 'timed-out';

/** State of one task, as `/api/admin/scheduler/status` lists it. */
export interface TaskStatus {
  readonly task: number;
  readonly title: string;
  /** Line that it works for; null where its clock names none. */
  readonly line: string | null;
  /** False when ENABLE_AUTO_SYNC switches the clock off; the task still runs by hand. */
  readonly enabled: boolean;
  readonly intervalSeconds: number;
  readonly running: boolean;
  readonly lastStartedAt: string | null;
  readonly lastEndedAt: string | null;
  readonly lastDurationMs: number | null;
  readonly lastOutcome: TaskOutcome | null;
  readonly lastNote: string | null;
  readonly nextRunAt: string | null;
  readonly runs: number;
  readonly failures: number;
  /** The alarm that lasts while the task fails again and again. */
  readonly alarm: TaskAlarm | null;
  /** Ticks that found the task still running. */
  readonly skippedTicks: number;
}
