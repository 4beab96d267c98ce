import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  clippedTo,
  differenceOf,
  type Interval,
  intersectionOf,
  lengthMs,
  unionOf,
} from '../../nodes/core/intervals.ts';

const minuteMs = 60_000;
/** Two days across midnight of a plant in UTC+7, in minutes of the bitmap. */
const firstMs = Date.UTC(2026, 10, 20, 12);
const minutesInAll = 2 * 24 * 60;

/** Also empty and reversed ones, as a clock that was set back makes them. */
const intervals = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: minutesInAll }), fc.integer({ min: -90, max: 600 }))
    .map(([from, length]): Interval => {
      const end = Math.min(minutesInAll, Math.max(0, from + length));
      return { startMs: firstMs + from * minuteMs, endMs: firstMs + end * minuteMs };
    }),
  { maxLength: 12 },
);

/** Minute by minute: whether any of the intervals covers it. */
function bitmap(given: readonly Interval[]): boolean[] {
  return Array.from({ length: minutesInAll }, (_, minute) => {
    const at = firstMs + minute * minuteMs;
    return given.some(({ startMs, endMs }) => startMs <= at && at < endMs);
  });
}

const minutesOf = (bits: readonly boolean[]): number => bits.filter(Boolean).length;

/** Sorted, disjoint, none empty, none touching: the one way to write a set of instants. */
function isCanonical(given: readonly Interval[]): boolean {
  return given.every(({ startMs, endMs }, index) => startMs < endMs && startMs > (given[index - 1]?.endMs ?? -1));
}

describe('spans of time', function () {
  this.timeout(60_000);
  it('are united as a look at every minute says, overlaps once', () => {
    fc.assert(
      fc.property(intervals, (given) => {
        const union = unionOf(given);
        assert.ok(isCanonical(union));
        assert.deepEqual(bitmap(union), bitmap(given));
        assert.equal(lengthMs(given), minutesOf(bitmap(given)) * minuteMs);
        assert.deepEqual(unionOf(union), union);
      }),
    );
  });

  it('have in common what both cover', () => {
    fc.assert(
      fc.property(intervals, intervals, (left, right) => {
        const common = intersectionOf(left, right);
        const [one, other] = [bitmap(left), bitmap(right)];
        assert.ok(isCanonical(common));
        assert.deepEqual(
          bitmap(common),
          one.map((bit, minute) => bit && other[minute] === true),
        );
        assert.deepEqual(intersectionOf(right, left), common);
      }),
    );
  });

  it('lose what is removed from them, and nothing else', () => {
    fc.assert(
      fc.property(intervals, intervals, (whole, removed) => {
        const left = differenceOf(whole, removed);
        const [all, holes] = [bitmap(whole), bitmap(removed)];
        assert.ok(isCanonical(left));
        assert.deepEqual(
          bitmap(left),
          all.map((bit, minute) => bit && holes[minute] === false),
        );
        assert.equal(lengthMs(left) + lengthMs(intersectionOf(whole, removed)), lengthMs(whole));
      }),
    );
  });

  it('are clipped one by one: each keeps its own part of the window', () => {
    fc.assert(
      fc.property(intervals, fc.nat(minutesInAll), fc.nat(minutesInAll), (given, from, length) => {
        const window = { startMs: firstMs + from * minuteMs, endMs: firstMs + (from + length) * minuteMs };
        const parts = clippedTo(window, given);
        assert.ok(
          parts.every(({ startMs, endMs }) => startMs >= window.startMs && endMs <= window.endMs && startMs < endMs),
        );
        assert.deepEqual(bitmap(parts), bitmap(intersectionOf([window], given)));
        const whole = given.filter(
          ({ startMs, endMs }) => startMs >= window.startMs && endMs <= window.endMs && startMs < endMs,
        );
        assert.deepEqual(
          whole.every((one) => parts.some((part) => part.startMs === one.startMs && part.endMs === one.endMs)),
          true,
        );
      }),
    );
  });
});
