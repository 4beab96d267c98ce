// The machines of a sensor-simulator on one clock: messages out by an interval, faults on demand, and what was truly made.
import type { Clock } from '../../core/clock.ts';
import { InvalidInput } from '../../core/errors.ts';
import { FaultyLine, type LineFault, type WireText } from './faulty-line.ts';
import { seededRandom } from './seeded-random.ts';
import { defaultIntervalMs, type SensorSettings } from './sensor-settings.ts';
import { SimulatedMachine, type StopState } from './simulated-machine.ts';

/** Whatever carries a message away; resolves when the broker has it. */
export interface StatusPublisher {
  publish(topic: string, text: string): Promise<void>;
}

/** Pieces of one machine: what it made, what the broker's listeners can know, and since when they could. */
export interface MachineTruth {
  readonly machine: string;
  readonly state: string;
  readonly made: { readonly production: number; readonly defects: number };
  /** At the newest message that the broker took; null before the first. */
  readonly delivered: { readonly production: number; readonly defects: number } | null;
  /** At the first message that the broker took: a tracker that counts from its first message begins here. */
  readonly first: { readonly production: number; readonly defects: number } | null;
  readonly faults: Readonly<Record<string, number>>;
}

export interface PlantTruth {
  readonly running: boolean;
  readonly sent: number;
  readonly failed: number;
  readonly machines: readonly MachineTruth[];
}

interface Line {
  readonly faulty: FaultyLine;
  delivered: MachineTruth['delivered'];
  first: MachineTruth['first'];
}

/** By then whoever is started together with the simulator has subscribed and knows the machines. */
const listenersReadyMs = 3000;

export class SimulatedPlant {
  readonly #settings: SensorSettings;
  readonly #clock: Clock;
  readonly #publisher: StatusPublisher;
  /** Mapped by machine. */
  readonly #lines: ReadonlyMap<string, Line>;
  #cancel: (() => void) | undefined;
  #sent = 0;
  #failed = 0;

  constructor(settings: SensorSettings, clock: Clock, publisher: StatusPublisher) {
    this.#settings = settings;
    this.#clock = clock;
    this.#publisher = publisher;
    const intervalMs = settings.intervalMs || defaultIntervalMs;
    this.#lines = new Map(
      settings.machines.map((machine, index) => {
        const random = seededRandom(settings.seed * 1_000_003 + index);
        const model = { ...settings, machine, intervalMs, startCounter: 0 };
        const faulty = new FaultyLine(new SimulatedMachine(model, random), settings.rates, random);
        return [machine, { faulty, delivered: null, first: null }];
      }),
    );
  }

  /** Begins after a moment with a message of every machine; without an interval only `tick` makes any. */
  start(): void {
    const { intervalMs } = this.#settings;
    if (this.#cancel || intervalMs === 0) return;
    const next = () => {
      this.#cancel = this.#clock.after(intervalMs, next);
      void this.tick(1);
    };
    this.#cancel = this.#clock.after(Math.min(intervalMs, listenersReadyMs), next);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** `times` intervals pass; resolves when the broker has taken what they sent. */
  async tick(times: number): Promise<void> {
    const intervalMs = this.#settings.intervalMs || defaultIntervalMs;
    const nowMs = this.#clock.now().getTime();
    for (let step = times - 1; step >= 0; step -= 1) {
      const atMs = nowMs - step * intervalMs;
      await Promise.all([...this.#lines].map(([machine, line]) => this.#send(machine, line, line.faulty.tick(atMs))));
    }
  }

  /** Sends what was held back, so that what is known is all that was made until each machine's last message. */
  async flush(): Promise<void> {
    await Promise.all([...this.#lines].map(([machine, line]) => this.#send(machine, line, line.faulty.flush())));
  }

  /** The next `times` messages of `machine` (all without one) meet `fault`. */
  order(fault: LineFault, times: number, machine?: string): void {
    for (const { faulty } of this.#of(machine)) faulty.order(fault, times);
  }

  clearFaults(): void {
    for (const { faulty } of this.#lines.values()) faulty.clear();
  }

  stopMachine(state: StopState, durationMs: number, machine?: string, reason?: string): void {
    const nowMs = this.#clock.now().getTime();
    for (const { faulty } of this.#of(machine)) faulty.machine.stopFor(nowMs, durationMs, state, reason);
  }

  runMachine(machine?: string): void {
    for (const { faulty } of this.#of(machine)) faulty.machine.run();
  }

  truth(): PlantTruth {
    return {
      running: this.#cancel !== undefined,
      sent: this.#sent,
      failed: this.#failed,
      machines: [...this.#lines].map(([machine, { faulty, delivered, first }]) => ({
        machine,
        state: faulty.machine.state,
        made: faulty.machine.made,
        delivered,
        first,
        faults: faulty.struck,
      })),
    };
  }

  /** One machine's messages go out in their order. */
  async #send(machine: string, line: Line, wires: readonly WireText[]): Promise<void> {
    const topic = this.#settings.topic.replaceAll('{machine}', machine);
    for (const { text, known } of wires) {
      try {
        await this.#publisher.publish(topic, text);
      } catch {
        // Counted, not thrown: a machine goes on whether the network does or not, and `status` shows it.
        this.#failed += 1;
        continue;
      }
      this.#sent += 1;
      if (known === null) continue;
      line.first ??= known;
      if (known.production >= (line.delivered?.production ?? 0)) line.delivered = known;
    }
  }

  #of(machine: string | undefined): readonly Line[] {
    if (machine === undefined) return [...this.#lines.values()];
    const line = this.#lines.get(machine);
    if (line) return [line];
    throw new InvalidInput([{ field: 'machine', message: `is none of ${[...this.#lines.keys()].join(', ')}` }]);
  }
}
