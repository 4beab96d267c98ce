// A tracker's world with what pages see of it: M1 in three shifts, its states on a timeline, and the questions of production-oee.
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import type { ProductionCard, ProductionView } from '../../nodes/production/messages.ts';
import { ProductionQueries } from '../../nodes/production/production-queries.ts';
import { parseQuery } from '../../nodes/production/query-parser.ts';
import { migrateStateTables, statesParticipant } from '../../nodes/production/states-participant.ts';
import type { engines } from './tracker-suite.ts';
import { worldsOn } from './tracker-suite.ts';
import { type TrackerWorld, threeShifts, type WorldOptions } from './tracker-world.ts';

const minuteMs = 60_000;
const calendar = threeShifts();
const plant = plantTimeOf(calendar.timeZone);

export interface ViewedWorld {
  readonly world: TrackerWorld;
  readonly queries: ProductionQueries;
  /** Moves the clock there; it never goes back. */
  readonly goTo: (atMs: number) => void;
  readonly ask: <Answer>(payload: object) => Promise<Answer>;
  readonly card: () => Promise<ProductionCard>;
}

/** Call inside a suite: what it returns opens a world in which M1 is registered with `machine`; a silence is longer than a minute. */
export function viewedWorldsOn(
  engine: (typeof engines)[number],
): (machine: object, options?: WorldOptions) => Promise<ViewedWorld> {
  const openWorld = worldsOn(engine);
  return async (machine, options = {}) => {
    const world = await openWorld({ calendar, participants: [statesParticipant(minuteMs)], ...options });
    await migrateStateTables(world.store);
    await world.person({ command: 'machine', id: 'M1', ...machine });
    const settings = { reasonAfterMs: 0, windowMs: 30 * minuteMs };
    const queries = new ProductionQueries(world.store, calendar, world.clock, settings);
    const ask = async <Answer>(payload: object): Promise<Answer> => {
      const query = parseQuery(payload, plant, world.clock.now().getTime());
      return (await queries.execute(query, { name: 'Sari', via: 'session' })).payload as Answer;
    };
    return {
      world,
      queries,
      goTo: (atMs) => world.clock.advance(atMs - world.clock.now().getTime()),
      ask,
      card: async () => {
        const { cards } = await ask<ProductionView>({ command: 'current', machine: 'M1' });
        return cards[0] as ProductionCard;
      },
    };
  };
}
