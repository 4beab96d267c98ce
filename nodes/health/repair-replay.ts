// Lives through a stop history as it happened: each repair is forecast at its beginning and learned at its end.
import { type Repair, type RepairForecast, RepairModel, type RepairModelSettings } from './repair-model.ts';

export interface Replayed {
  readonly repair: Repair;
  readonly forecast: RepairForecast;
  /** What was known when it was forecast; grows with the next step. */
  readonly history: readonly Repair[];
}

/** Yields after each repair, oldest first, so that a caller can let other work through; the value is the model that has seen all. */
export function* replay(
  repairs: readonly Repair[],
  settings?: RepairModelSettings,
): Generator<Replayed, RepairModel, undefined> {
  const model = new RepairModel(settings);
  const begun = [...repairs].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  const ended = [...repairs].sort((a, b) => a.endMs - b.endMs || a.startMs - b.startMs);
  const forecasts = new Map<Repair, RepairForecast>();
  const history: Repair[] = [];
  const learnUntil = (ms: number) => {
    for (let next = ended[history.length]; next && next.endMs <= ms; next = ended[history.length]) {
      model.learn(next, forecasts.get(next));
      forecasts.delete(next);
      history.push(next);
    }
  };
  for (const repair of begun) {
    learnUntil(repair.startMs);
    const forecast = model.forecast({ ...repair, healthIndex: null });
    forecasts.set(repair, forecast);
    yield { repair, forecast, history };
  }
  learnUntil(Number.POSITIVE_INFINITY);
  return model;
}
