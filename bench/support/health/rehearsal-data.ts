// Made-up engines and stops in the shapes that the benchmark of health reads, for a rehearsal without a plant.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../../nodes/production/simulator/seeded-random.ts';

const engines = 4;
const cycles = 180;
const sensors = 21;
const stops = 400;
const causes = ['ganti pisau', 'macet kertas', 'tinta habis', 'sensor rusak'];

/** Writes both files into `folder` and returns it. */
export function writeHealthData(folder: string): string {
  const random = seededRandom(7);
  const lines: string[] = [];
  for (let engine = 1; engine <= engines; engine += 1) {
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      // Wear shows late and grows, as it does on real engines.
      const wear = Math.max(0, (cycle - 100) / 80) ** 2 * 3;
      const cells = Array.from({ length: sensors }, (_, index) => (500 + index + random() + wear).toFixed(4));
      lines.push([engine, cycle, '0.0', '0.0', '100.0', ...cells].join(' '));
    }
  }
  writeFileSync(join(folder, 'cmapss-train-FD001.txt'), `${lines.join('\n')}\n`);
  const rows = ['machine,shift,order,start,end,minutes,stop_cause'];
  const firstMs = Date.UTC(2026, 0, 5, 1);
  for (let stop = 0; stop < stops; stop += 1) {
    const minutes = 2 + Math.round(random() * 90);
    const startMs = firstMs + stop * 7 * 3_600_000;
    const at = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
    const cause = causes[Math.floor(random() * causes.length)];
    rows.push(`C_FL104,1,WO${stop},${at(startMs)},${at(startMs + minutes * 60_000)},${minutes},${cause}`);
  }
  writeFileSync(join(folder, 'plant.csv'), `${rows.join('\n')}\n`);
  return folder;
}
