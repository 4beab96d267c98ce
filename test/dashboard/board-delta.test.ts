import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyDelta } from '../../dashboard/board/apply-delta.ts';
import { boardDelta } from '../../nodes/dashboard/board-delta.ts';
import { BoardPublisher, type Publication } from '../../nodes/dashboard/board-publisher.ts';
import { boardLine } from '../../nodes/dashboard/board-view.ts';
import type { BatchBoardView, BoardLine } from '../../nodes/dashboard/messages.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { batch, lineWith } from './support/mill.ts';

const now = new Date('2026-03-02T02:00:00Z');
const settings = { staleAfterSeconds: 900, tolerancePermille: 50 };

const lineOf = (names: readonly (string | null)[], waiting: readonly string[], line = 'line-1'): BoardLine => {
  const batches = [
    ...names.flatMap((order, index) => (order ? [batch(now, { order, slot: index + 1 })] : [])),
    ...waiting.map((order) => batch(now, { order, slot: null, state: 'finished' })),
  ];
  const { monitor, open } = lineWith(batches, [], { slots: names.length, line });
  return boardLine(monitor, open, settings);
};

const lines = fc
  .tuple(fc.array(fc.option(fc.constantFrom('A', 'B', 'C')), { minLength: 3, maxLength: 3 }), fc.subarray(['X', 'Y']))
  .map(([names, waiting]) => lineOf(names, waiting));

const view = (line: BoardLine): BatchBoardView => ({ at: now.toISOString(), staleAfterSeconds: 900, lines: [line] });

describe('the changes of the batch board', () => {
  it('lead from any view to any later one of the same slots', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const delta = boardDelta(view(before), view(after), 4, 5);
        assert.ok(delta);
        assert.deepEqual(applyDelta({ seq: 4, view: view(before) }, delta), { seq: 5, view: view(after) });
      }),
    );
  });

  it('name only the slots that changed', () => {
    const delta = boardDelta(view(lineOf(['A', 'B', 'C'], [])), view(lineOf(['A', 'X', 'C'], [])), 1, 2);
    assert.deepEqual(
      delta?.lines[0]?.slots.map(({ slot }) => slot),
      [2],
    );
    assert.equal(delta?.lines[0]?.alarms, undefined);
  });

  it('are refused by a page that holds another view', () => {
    const delta = boardDelta(view(lineOf(['A'], [])), view(lineOf(['B'], [])), 4, 5);
    assert.ok(delta);
    assert.equal(applyDelta({ seq: 3, view: view(lineOf(['A'], [])) }, delta), null);
  });

  it('give way to the whole view when a line comes or its slots change', () => {
    assert.equal(boardDelta(view(lineOf(['A'], [])), view(lineOf(['A', 'B'], [])), 1, 2), null);
    assert.equal(boardDelta({ ...view(lineOf(['A'], [])), lines: [] }, view(lineOf(['A'], [])), 1, 2), null);
  });
});

describe('the publisher of the batch board', () => {
  const world = () => {
    const clock = new ManualClock(now);
    const sent: Publication[] = [];
    const publisher = new BoardPublisher(clock, 900, (publication) => sent.push(publication));
    return { clock, sent, publisher };
  };

  it('sends the first view at once and at most two a second after it, the newest one last', () => {
    const { clock, sent, publisher } = world();
    for (let update = 0; update < 100; update += 1) {
      publisher.updateLine(lineOf([String(update)], []));
      clock.advance(20);
    }
    clock.advance(500);
    assert.ok(sent.length <= 6, `${sent.length} publications in two seconds`);
    assert.equal(sent.at(-1)?.whole.view.lines[0]?.slots[0]?.batch?.order, '99');
    assert.deepEqual(
      sent.map(({ whole, delta }) => [whole.seq, delta?.from ?? null]),
      sent.map((_, index) => [index + 1, index === 0 ? null : index]),
    );
  });

  it('keeps the other lines when one has news', () => {
    const { clock, sent, publisher } = world();
    publisher.updateLine(lineOf(['A'], []));
    clock.advance(600);
    publisher.updateLine(lineOf(['B'], [], 'line-2'));
    assert.deepEqual(
      sent.at(-1)?.whole.view.lines.map(({ line }) => line),
      ['line-1', 'line-2'],
    );
  });

  it('leaves no timer behind', () => {
    const { clock, publisher } = world();
    publisher.updateLine(lineOf(['A'], []));
    publisher.updateLine(lineOf(['B'], []));
    assert.equal(clock.pendingTimers, 1);
    publisher.stop();
    assert.equal(clock.pendingTimers, 0);
  });
});
