// The network of the benchmark and the targets that its ratios are held against.

/** Round trip of the far server: both directions together. */
export const networkDelayMs = 5;

export interface Target {
  readonly network: 'near' | 'far';
  readonly subject: string;
  readonly comparedWith: string;
  /** `at-most`: subject / other; `faster-by`: other / subject. */
  readonly rule: 'at-most' | 'faster-by';
  readonly ratio: number;
}

export const names = {
  rawSequential: 'raw socket, one after the other',
  rawPipelined: 'raw socket, ten in one write',
  oneInFlight: 'plc-batch-read, 1 in flight',
  auto: 'plc-batch-read, auto',
  flexGetter: 'Flex-Getter with split and join',
} as const;

export const targets: readonly Target[] = [
  { network: 'near', subject: names.oneInFlight, comparedWith: names.rawSequential, rule: 'at-most', ratio: 2 },
  { network: 'far', subject: names.oneInFlight, comparedWith: names.rawSequential, rule: 'at-most', ratio: 1.1 },
  { network: 'far', subject: names.auto, comparedWith: names.rawPipelined, rule: 'at-most', ratio: 1.25 },
  { network: 'near', subject: names.oneInFlight, comparedWith: names.flexGetter, rule: 'faster-by', ratio: 20 },
];
