// Where the pieces of a timeline lie on its bar.

export interface TimelinePiece {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Name of the look in the style sheet; each has a colour and a pattern of its own. */
  readonly look: string;
  readonly title: string;
}

export interface PlacedPiece extends TimelinePiece {
  readonly leftPercent: number;
  readonly widthPercent: number;
}

const hourMs = 3_600_000;

/** Pieces clipped to [fromMs, toMs); what lies outside is left out. */
export function placed(pieces: readonly TimelinePiece[], fromMs: number, toMs: number): readonly PlacedPiece[] {
  const length = toMs - fromMs;
  if (length <= 0) return [];
  return pieces.flatMap((piece) => {
    const start = Math.max(piece.startMs, fromMs);
    const end = Math.min(piece.endMs, toMs);
    if (end <= start) return [];
    return [{ ...piece, leftPercent: ((start - fromMs) / length) * 100, widthPercent: ((end - start) / length) * 100 }];
  });
}

/** Full hours of the wall clock inside the span; every third or sixth one where the span is long. */
export function hoursBetween(fromMs: number, toMs: number): readonly number[] {
  const steps = [1, 3, 6, 24].map((hours) => hours * hourMs);
  const step = steps.find((each) => (toMs - fromMs) / each <= 12) ?? 24 * hourMs;
  const first = Math.ceil(fromMs / hourMs) * hourMs;
  const hours: number[] = [];
  for (let at = first; at <= toMs; at += step) hours.push(at);
  return hours;
}
