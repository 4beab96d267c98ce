// One scheduled task: runs on its clock and by hand, never twice at once, and never waits for ever.
import type { Clock } from '../core/clock.ts';
import { FailureStreak } from './failure-streak.ts';
import type { TaskAlarm, TaskOutcome, TaskStatus } from './messages.ts';

export interface TaskSettings {
  readonly task: number;
  readonly title: string;
  /** Empty where there is only one. */
  readonly line?: string;
  readonly intervalSeconds: number;
  /** Whether the clock runs; the task can be run by hand either way. */
  readonly enabled: boolean;
  readonly runAtStart: boolean;
  /** A chain that never reports its end is given up after this long, so that the next tick can start a new run. */
  readonly timeoutSeconds: number;
  /** So many failures in a row are an alarm. */
  readonly failuresToAlarm: number;
}

/** What a task tells its surroundings. */
export interface TaskListener {
  onStart(run: string): void;
  onSkip(): void;
  onEnd(outcome: TaskOutcome, durationMs: number, note: string | undefined): void;
  /** Called when an alarm begins or ends. */
  onAlarm(alarm: TaskAlarm): void;
}

/** Delay of the run at start, so that config nodes have connected and every flow has started. */
const startDelayMs = 500;

export class Task {
  readonly #settings: TaskSettings;
  readonly #clock: Clock;
  readonly #listener: TaskListener;
  readonly #streak: FailureStreak;
  #current: { readonly run: string; readonly startedAtMs: number } | undefined;
  #cancelTick: (() => void) | undefined;
  #cancelTimeout: (() => void) | undefined;
  #nextRunAt: Date | undefined;
  #runs = 0;
  #failures = 0;
  #skippedTicks = 0;
  #lastStartedAt: Date | undefined;
  #lastEnd:
    | {
        readonly at: Date;
        readonly durationMs: number;
        readonly outcome: TaskOutcome;
        readonly note: string | undefined;
      }
    | undefined;

  constructor(settings: TaskSettings, clock: Clock, listener: TaskListener) {
    this.#settings = settings;
    this.#clock = clock;
    this.#listener = listener;
    this.#streak = new FailureStreak(settings);
  }

  start(): void {
    if (!this.#settings.enabled) return;
    this.#scheduleTick(this.#settings.runAtStart ? startDelayMs : this.#settings.intervalSeconds * 1000);
  }

  stop(): void {
    this.#cancelTick?.();
    this.#cancelTimeout?.();
    this.#nextRunAt = undefined;
    this.#current = undefined;
  }

  /** Begins a run and returns its id, or undefined when one is still running. */
  run(): string | undefined {
    if (this.#current) return undefined;
    this.#runs += 1;
    const run = `${this.#settings.task}-${this.#clock.now().getTime()}-${this.#runs}`;
    this.#current = { run, startedAtMs: this.#clock.monotonicMs() };
    this.#lastStartedAt = this.#clock.now();
    this.#cancelTimeout = this.#clock.after(this.#settings.timeoutSeconds * 1000, () => {
      this.end(run, 'timed-out', `no end within ${this.#settings.timeoutSeconds} s; is the chain wired back?`);
    });
    this.#listener.onStart(run);
    return run;
  }

  /** Ends `run`. The end of a run that is not the current one (late, after its timeout) changes nothing. */
  end(run: string, outcome: TaskOutcome, note?: string): boolean {
    if (this.#current?.run !== run) return false;
    const durationMs = Math.round(this.#clock.monotonicMs() - this.#current.startedAtMs);
    this.#cancelTimeout?.();
    this.#current = undefined;
    if (outcome !== 'done') this.#failures += 1;
    const at = this.#clock.now();
    this.#lastEnd = { at, durationMs, outcome, note };
    this.#listener.onEnd(outcome, durationMs, note);
    const alarm = this.#streak.ended(outcome, at, note);
    if (alarm) this.#listener.onAlarm(alarm);
    return true;
  }

  status(): TaskStatus {
    return {
      task: this.#settings.task,
      title: this.#settings.title,
      line: this.#settings.line || null,
      enabled: this.#settings.enabled,
      intervalSeconds: this.#settings.intervalSeconds,
      running: this.#current !== undefined,
      lastStartedAt: this.#lastStartedAt?.toISOString() ?? null,
      lastEndedAt: this.#lastEnd?.at.toISOString() ?? null,
      lastDurationMs: this.#lastEnd?.durationMs ?? null,
      lastOutcome: this.#lastEnd?.outcome ?? null,
      lastNote: this.#lastEnd?.note ?? null,
      nextRunAt: this.#nextRunAt?.toISOString() ?? null,
      runs: this.#runs,
      failures: this.#failures,
      alarm: this.#streak.alarm,
      skippedTicks: this.#skippedTicks,
    };
  }

  #scheduleTick(delayMs: number): void {
    this.#nextRunAt = new Date(this.#clock.now().getTime() + delayMs);
    this.#cancelTick = this.#clock.after(delayMs, () => {
      this.#scheduleTick(this.#settings.intervalSeconds * 1000);
      if (this.run() === undefined) {
        this.#skippedTicks += 1;
        this.#listener.onSkip();
      }
    });
  }
}
