// Hours are those of the plant's clock, in every zone: a shift's row, its hours and any window of the same time show the same pieces.
import assert from 'node:assert/strict';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { CountReads } from '../../nodes/production/count-reads.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import { reading, threeShifts } from './tracker-world.ts';

const minuteMs = 60_000;

for (const engine of engines) {
  describe(`hours of the plant on ${engine}`, function () {
    this.timeout(30_000);
    const openWorld = worldsOn(engine);

    for (const [zone, start, wallHours] of [
      [
        'Asia/Kolkata',
        '2026-01-05T00:30:00Z',
        ['06:00', '07:00', '08:00', '09:00', '10:00', '11:00', '12:00', '13:00'],
      ],
      [
        'Asia/Kathmandu',
        '2026-01-05T00:15:00Z',
        ['06:00', '07:00', '08:00', '09:00', '10:00', '11:00', '12:00', '13:00'],
      ],
      [
        'Asia/Jakarta',
        '2026-01-04T23:00:00Z',
        ['06:00', '07:00', '08:00', '09:00', '10:00', '11:00', '12:00', '13:00'],
      ],
      // The clock goes back by half an hour at 02:00: the repeated half hour is an hour of its own.
      [
        'Australia/Lord_Howe',
        '2026-04-04T11:00:00Z',
        ['22:00', '23:00', '00:00', '01:00', '01:30', '02:00', '03:00', '04:00', '05:00'],
      ],
    ] as const) {
      it(`begin and end with the wall clock in ${zone}`, async () => {
        const world = await openWorld({ start: '2026-06-01T00:00:00Z', calendar: threeShifts(zone) });
        const startMs = Date.parse(start);
        const shift = world.calendar.shiftAt('M1', startMs);
        assert.equal(shift?.startMs, startMs);
        const endMs = shift?.endMs ?? 0;
        const before = [reading(new Date(startMs - minuteMs).toISOString(), 0)];
        const during = Array.from({ length: (endMs - startMs) / minuteMs }, (_, minute) =>
          reading(new Date(startMs + minute * minuteMs).toISOString(), minute + 1),
        );
        await world.take(...before, ...during, reading(new Date(endMs).toISOString(), during.length + 1));
        const reads = new CountReads(world.store.reader(), zone);
        const [row] = await reads.shifts({ fromMs: startMs, toMs: endMs, limit: 10, offset: 0 });
        assert.equal(row?.production, during.length);
        assert.equal((await reads.piecesBetween(['M1'], startMs, endMs)).get('M1')?.production, row?.production);
        const half = startMs + 30 * minuteMs;
        assert.equal((await reads.piecesBetween(['M1'], half, endMs)).get('M1')?.production, during.length - 30);
        const hours = (await reads.hours(['M1'], startMs, endMs)).filter((hour) => hour.startMs < endMs);
        const plant = plantTimeOf(zone);
        const clock = (atMs: number) => {
          const { hour, minute } = plant.wallTime(atMs);
          return [hour, minute].map((part) => String(part).padStart(2, '0')).join(':');
        };
        assert.deepEqual(
          hours.map((hour) => clock(hour.startMs)),
          wallHours,
        );
        assert.equal(
          hours.reduce((sum, { production }) => sum + production, 0),
          during.length,
        );
      });
    }
  });
}
