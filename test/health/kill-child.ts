// A process that gives the steps of the story to the database of argument 1, as its parent numbers them, until it is killed.
import { openHealth } from '../../nodes/health/open-health.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { giveStep, storySettings, storyStart } from './kill-story.ts';

const clock = new ManualClock(storyStart);
const store = await openStore(process.argv[2] ?? '');
let ids = 0;
const health = await openHealth(store, storySettings, {
  clock,
  newId: () => {
    ids += 1;
    return `${process.pid}-${ids}`;
  },
});
process.on('disconnect', () => process.exit(0));

const tell = () => health.drain((item) => process.send?.({ kind: 'out', ...item }));
process.on('message', ({ step }: { readonly step: number }) => {
  giveStep(step, health, clock)
    .then(tell)
    .then(
      () => process.send?.({ kind: 'done', step }),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
});
await tell();
process.send?.({ kind: 'ready' });
