// A visit of the doctor to a plant that exists for one test: its home, its flows, and what the doctor prints there.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRound } from '../../../../deploy/doctor/round.ts';
import { secretFilter } from '../../../../deploy/doctor/secrets.ts';
import { outsideSystems } from '../../../../deploy/doctor/systems.ts';
import { parseEnvironment } from '../../../../deploy/environment.ts';
import { systemClock } from '../../../../nodes/core/clock.ts';

export interface Visit {
  /** True when nothing failed. */
  readonly healthy: boolean;
  /** Everything that was printed. */
  readonly text: string;
}

/** Created in `beforeEach`, removed in `afterEach` of the suite that calls this. */
export class Plant {
  #home = '';
  /** Undone in reverse order after each test. */
  #cleanups: (() => unknown)[] = [];

  constructor() {
    beforeEach(() => {
      this.#home = mkdtempSync(join(tmpdir(), 'shopfloor-doctor-'));
      this.#cleanups = [() => rmSync(this.#home, { recursive: true, force: true })];
    });
    afterEach(async () => {
      for (const undo of this.#cleanups.reverse()) await undo();
    });
  }

  /** SHOPFLOOR_HOME. */
  get home(): string {
    return this.#home;
  }

  whenOver(undo: () => unknown): void {
    this.#cleanups.push(undo);
  }

  /** Writes the flow file that this plant's Node-RED runs. */
  deploy(nodes: readonly object[] | string): void {
    mkdirSync(join(this.#home, 'node-red'));
    const text = typeof nodes === 'string' ? nodes : JSON.stringify(nodes);
    writeFileSync(join(this.#home, 'node-red', 'flows.json'), text);
  }

  /** Lets the doctor look at what `variables` and the flows configure. */
  async visit(variables: Readonly<Record<string, string>> = {}): Promise<Visit> {
    const environment = parseEnvironment({ SHOPFLOOR_HOME: this.#home, ...variables }, this.#home);
    let text = '';
    const healthy = await makeRound(outsideSystems(environment, variables, join(this.#home, 'no-flows')), {
      clock: systemClock,
      write: (more) => {
        text += more;
      },
      hideSecrets: secretFilter(environment, variables.ODOO_PASSWORD),
    });
    return { healthy, text };
  }
}
