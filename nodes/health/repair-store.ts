// The records of repairs: history of stops, their causes, stops that last, estimates and imports, over one store or inside one transaction of it.
import type { Store } from '../store/store.ts';
import { CauseRecords } from './cause-records.ts';
import { EstimateRecords } from './estimate-records.ts';
import { ImportRecords } from './import-records.ts';
import { LastingStops } from './lasting-stops.ts';
import { RepairScope } from './repair-scope.ts';
import { StopHistory } from './stop-history.ts';

export class RepairStore {
  readonly history: StopHistory;
  readonly causes: CauseRecords;
  readonly lasting: LastingStops;
  readonly estimates: EstimateRecords;
  readonly imports: ImportRecords;
  readonly #scope: RepairScope;

  private constructor(scope: RepairScope) {
    this.#scope = scope;
    this.history = new StopHistory(scope);
    this.causes = new CauseRecords(scope);
    this.lasting = new LastingStops(scope);
    this.estimates = new EstimateRecords(scope);
    this.imports = new ImportRecords(scope);
  }

  static over(store: Store): RepairStore {
    return new RepairStore(new RepairScope(store));
  }

  /** All that `work` does by the store that it is given is committed, or nothing. */
  inTransaction<Result>(work: (store: RepairStore) => Promise<Result>): Promise<Result> {
    return this.#scope.inTransaction((scope) => work(new RepairStore(scope)));
  }
}
