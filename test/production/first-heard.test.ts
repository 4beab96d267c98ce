// A machine that is first heard in the middle of a shift: what it should have made, its pace and its OEE begin there.
import assert from 'node:assert/strict';
import type { ShiftRow } from '../../nodes/production/page-contract.ts';
import { engines } from './tracker-suite.ts';
import { reading } from './tracker-world.ts';
import { viewedWorldsOn } from './viewed-world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const eleven = reading('11:00', null).sourceMs;

for (const engine of engines) {
  describe(`a machine that is first heard in the middle of a shift on ${engine}`, function () {
    this.timeout(30_000);
    const open = viewedWorldsOn(engine);
    /** 8,000 pieces in the eight hours from 06:00, as many an hour as it makes at its best. */
    const machine = { shiftTarget: 8_000, idealPerHour: 1_000 };
    /** A message each minute with `pieces` more than the one before, the first at 11:00. */
    const minutes = (count: number, pieces: number) =>
      Array.from({ length: count + 1 }, (_, minute) =>
        reading(new Date(eleven + minute * minuteMs).toISOString(), minute * pieces),
      );

    it('is asked for no pieces of the time before', async () => {
      const { world, goTo, card } = await open(machine);
      await world.take(...minutes(60, 15));
      goTo(eleven + hourMs);
      const { target, target_by_now, shift } = await card();
      assert.deepEqual([target, target_by_now, shift?.production], [8_000, 1_000, 900]);
    });

    it('has the pace of the minutes in which it was heard, and none before there is one', async () => {
      const { world, goTo, card } = await open(machine);
      await world.take(...minutes(0, 15));
      goTo(eleven + 30_000);
      assert.equal((await card()).pace_per_hour, null);
      await world.take(...minutes(5, 15));
      goTo(eleven + 5 * minuteMs);
      assert.equal((await card()).pace_per_hour, 900);
      await world.take(...minutes(60, 15));
      goTo(eleven + hourMs);
      assert.equal((await card()).pace_per_hour, 16 * 60, 'the last 15 minutes, and the one that is under way');
    });

    it('has no unknown time of before in its OEE, on the card, with its shift and in a window', async () => {
      const { world, goTo, card, ask } = await open(machine);
      await world.take(...minutes(60, 15));
      goTo(eleven + hourMs);
      const [shift] = await ask<readonly ShiftRow[]>({ command: 'shifts', machine: 'M1', limit: 1 });
      const window = { command: 'oee', from: '2026-01-05T06:00', to: '2026-01-05T14:00' };
      const [row] = await ask<readonly Pick<ShiftRow, 'oee'>[]>(window);
      for (const oee of [(await card()).oee, shift?.oee, row?.oee]) {
        assert.deepEqual([oee?.time.totalMs, oee?.time.runningMs, oee?.time.unknownMs], [hourMs, hourMs, 0]);
      }
    });

    it('is asked for nothing as long as it never was heard', async () => {
      const { goTo, card } = await open(machine);
      goTo(eleven);
      const { target_by_now, oee, pace_per_hour } = await card();
      assert.deepEqual([target_by_now, oee?.time.totalMs, pace_per_hour], [0, 0, null]);
    });

    it('is asked for the whole of the next shift', async () => {
      const { world, goTo, card } = await open(machine);
      await world.take(...minutes(4 * 60, 15));
      goTo(eleven + 4 * hourMs);
      assert.equal((await card()).target_by_now, 1_000);
    });
  });
}
