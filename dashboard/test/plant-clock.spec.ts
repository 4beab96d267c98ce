// Pages show and read the plant's wall clock, whatever zone the tablet is in.
import { afterEach, describe, expect, it } from 'vitest';
import { instant } from '../common/language.ts';
import { instantOfPlantMinute, learnPlantZone, plantDate, plantMinute } from '../common/plant-clock.ts';

describe("the plant's clock", () => {
  afterEach(() => learnPlantZone(undefined));

  it('is shown in the zone of the plant', () => {
    learnPlantZone('Asia/Jakarta');
    expect(instant('2026-11-21T13:55:00Z')).toContain('20.55');
    expect(plantMinute(new Date('2026-11-21T17:30:00Z'))).toBe('2026-11-22T00:30');
    expect(plantDate(new Date('2026-11-21T17:30:00Z'))).toBe('2026-11-22');
    learnPlantZone('Asia/Jayapura');
    expect(plantMinute(new Date('2026-11-21T17:30:00Z'))).toBe('2026-11-22T02:30');
  });

  it('is read back to the same instant, over a change of the clock', () => {
    learnPlantZone('Europe/Berlin');
    for (let minute = 0; minute < 2 * 24 * 60; minute += 7) {
      const at = new Date(Date.UTC(2026, 9, 24, 12, minute));
      const shown = plantMinute(at);
      const back = instantOfPlantMinute(shown);
      // The repeated hour has two instants for each reading.
      expect(back && plantMinute(back)).toBe(shown);
    }
    expect(instantOfPlantMinute('2026-07-01T12:00')?.toISOString()).toBe('2026-07-01T10:00:00.000Z');
    expect(instantOfPlantMinute('soon')).toBeUndefined();
  });
});
