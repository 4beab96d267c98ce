// Packs the newest messages of a machine into one short text, so that judging a late one costs no row for each message.
import { type MachineState, machineStates } from './messages.ts';
import type { Mark } from './state-timeline.ts';

/**
 * Instants as base 36 distances, states by their place in `machineStates`, words by their place in the list behind, sequences in
 * base 36. Such as `["jpx0a1o:0 3uo:4.0 3uo:0#2s", "NO_ORDERS"]`.
 */
export function packMarks(marks: readonly Mark[]): string {
  const words: string[] = [];
  let last = 0;
  const packed = marks.map((mark) => {
    const distance = (mark.atMs - last).toString(36);
    last = mark.atMs;
    if (mark.words !== null && !words.includes(mark.words)) words.push(mark.words);
    const place = mark.words === null ? '' : `.${words.indexOf(mark.words)}`;
    const sequence = mark.sequence === null ? '' : `#${mark.sequence.toString(36)}`;
    return `${distance}:${machineStates.indexOf(mark.state)}${place}${sequence}`;
  });
  return JSON.stringify([packed.join(' '), ...words]);
}

/** Throws SyntaxError for a text that `packMarks` didn't make. */
export function unpackMarks(text: string): readonly Mark[] {
  const [packed = '', ...words]: string[] = JSON.parse(text);
  let atMs = 0;
  return packed.split(' ').map((item) => {
    const match = /^(-?[0-9a-z]+):(\d+)(?:\.(\d+))?(?:#(-?[0-9a-z]+))?$/.exec(item);
    const state: MachineState | undefined = machineStates[Number(match?.[2])];
    if (!match || state === undefined) throw new SyntaxError(`"${item}" is no packed mark`);
    atMs += Number.parseInt(match[1] ?? '0', 36);
    return {
      atMs,
      state,
      words: match[3] === undefined ? null : (words[Number(match[3])] ?? null),
      sequence: match[4] === undefined ? null : Number.parseInt(match[4], 36),
    };
  });
}
