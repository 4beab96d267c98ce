// What people call the causes that the original named by codes; a plant's own causes are words already.

interface Name {
  readonly id: string;
  readonly 'en-US': string;
}

const names: Readonly<Record<string, Name>> = {
  FEEDER_JAM_MECH: { id: 'macet di feeder, mekanik', 'en-US': 'feeder jam, mechanical' },
  FEEDER_JAM_ELEC: { id: 'macet di feeder, kelistrikan', 'en-US': 'feeder jam, electrical' },
  PRINT_GHOSTING: { id: 'cetakan berbayang', 'en-US': 'ghosting print' },
  SLOTTER_MISALIGNMENT: { id: 'slotter tidak lurus', 'en-US': 'slotter misaligned' },
  GENERAL_BREAKDOWN: { id: 'kerusakan umum', 'en-US': 'general breakdown' },
};

export function nameOfCause(cause: string): Name {
  return names[cause] ?? { id: cause, 'en-US': cause };
}
