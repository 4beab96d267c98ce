// A task that fails several times in a row is one alarm: it begins with the failure that is too many and ends with the next success.
import type { TaskAlarm, TaskOutcome } from './messages.ts';

export interface FailureStreakSettings {
  readonly task: number;
  readonly title: string;
  readonly failuresToAlarm: number;
}

export class FailureStreak {
  readonly #settings: FailureStreakSettings;
  #failures = 0;
  #alarm: TaskAlarm | null = null;

  constructor(settings: FailureStreakSettings) {
    this.#settings = settings;
  }

  /** The alarm that lasts; null when the task works, or has not failed often enough. */
  get alarm(): TaskAlarm | null {
    return this.#alarm;
  }

  /** @returns the alarm when this outcome begins or ends it */
  ended(outcome: TaskOutcome, at: Date, note: string | undefined): TaskAlarm | undefined {
    if (outcome === 'done') {
      const over = this.#alarm;
      this.#failures = 0;
      this.#alarm = null;
      return over ? { ...over, active: false } : undefined;
    }
    this.#failures += 1;
    const { task, title, failuresToAlarm } = this.#settings;
    if (this.#failures < failuresToAlarm) return undefined;
    const begins = this.#alarm === null;
    this.#alarm = {
      code: 'task-failing',
      key: `task ${task} ${title}`,
      active: true,
      subject: title === '' ? `task ${task}` : title,
      task,
      failures: this.#failures,
      since: this.#alarm?.since ?? at.toISOString(),
      message: `Task ${task} failed ${this.#failures} times in a row, last: ${note ?? outcome}. It goes on trying; what it does is waiting until then.`,
    };
    return begins ? this.#alarm : undefined;
  }
}
