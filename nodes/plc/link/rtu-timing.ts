// How long a request takes on a serial line, so that a cycle faster than the wire allows is refused at deploy.
//
// Modbus over serial line 1.02: a character is 11 bits (2.5.1), frames are apart by 3.5 characters, 1.75 ms above 19200 baud (2.5.1.1).

const bitsPerCharacter = 11;
const gapCharacters = 3.5;
const fixedGapAboveBaud = 19_200;
const fixedGapMs = 1.75;
/** Request: unit, function, address, count, CRC. */
const readRequestCharacters = 8;
/** Answer: unit, function, byte count and CRC around the words. */
const readAnswerOverhead = 5;

export function characterMs(baud: number): number {
  return (bitsPerCharacter * 1000) / baud;
}

/** Silence that ends a frame, in ms. */
export function frameGapMs(baud: number): number {
  return baud > fixedGapAboveBaud ? fixedGapMs : gapCharacters * characterMs(baud);
}

/** Least time for reading `count` words with a PLC that answers at once, in ms. */
export function readWireMs(baud: number, count: number): number {
  return (readRequestCharacters + readAnswerOverhead + 2 * count) * characterMs(baud) + 2 * frameGapMs(baud);
}

/** Least time for one cycle of reads of these lengths, in ms. */
export function cycleWireMs(baud: number, counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + readWireMs(baud, count), 0);
}
