import assert from 'node:assert/strict';
import { intervalText } from '../../nodes/scheduler/interval-text.ts';

describe('an interval in words', () => {
  it('is short and exact to two decimals', () => {
    const words = [0.05, 2, 90, 120, 300, 3600, 100, 47 * 3600, 48 * 3600, 24 * 24 * 3600].map(intervalText);
    assert.deepEqual(words, [
      '0.05 s',
      '2 s',
      '90 s',
      '2 min',
      '5 min',
      '60 min',
      '100 s',
      '2820 min',
      '48 h',
      '576 h',
    ]);
  });
});
