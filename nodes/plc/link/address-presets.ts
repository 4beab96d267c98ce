// Where each maker's PLC puts its D-words on the wire, as its communication manual gives it.

/** D-words `first` to `last` lie on the wire from `wire` on. */
export interface AddressSegment {
  readonly first: number;
  readonly last: number;
  readonly wire: number;
}

export interface AddressPreset {
  readonly segments: readonly AddressSegment[];
  /** What an engineer must know, in one sentence; shown in the editor. */
  readonly note: string;
}

const whole: AddressSegment = { first: 0, last: 65_535, wire: 0 };

/** Mapped by the name that the settings use. */
export const addressPresets = {
  none: { segments: [whole], note: 'D0 is register 0; set the offset by hand where it is not.' },
  'mitsubishi-fx5u': {
    segments: [{ first: 0, last: 7999, wire: 0 }],
    note: 'Default device assignment of the Modbus/TCP parameters: D0 is holding register 0.',
  },
  'delta-dvp': {
    segments: [
      { first: 0, last: 4095, wire: 0x1000 },
      { first: 4096, last: 11_999, wire: 0x9000 },
    ],
    note: 'Two segments: D0 is 0x1000, D4096 is 0x9000; no request crosses D4095/D4096.',
  },
  'delta-as': { segments: [{ first: 0, last: 29_999, wire: 0 }], note: 'D0 is register 0.' },
  'fatek-d': {
    segments: [{ first: 0, last: 2998, wire: 6000 }],
    note: 'D0 is register 6000 and D2998 the last: a map at D6000 or D7000 needs another place, such as R.',
  },
  'fatek-r': {
    segments: [{ first: 0, last: 4167, wire: 0 }],
    note: 'The map counts R-words: R0 is register 0, R4167 the last.',
  },
  'xinje-xc': {
    segments: [
      { first: 0, last: 7999, wire: 0 },
      { first: 8000, last: 9999, wire: 0x4000 },
    ],
    note: 'Two segments: D0 is register 0, D8000 is 0x4000.',
  },
  'xinje-xd': { segments: [{ first: 0, last: 28_671, wire: 0 }], note: 'D0 is register 0; SD and HD lie above.' },
  'inovance-h3u-h5u': {
    segments: [{ first: 0, last: 0x23ff, wire: 0 }],
    note: 'D0 is register 0; SD begins at 0x2400, R at 0x3000.',
  },
  'keyence-kv': { segments: [whole], note: 'The Modbus unit assigns the devices: set the offset by hand.' },
  'omron-dm': {
    segments: [{ first: 0, last: 32_767, wire: 0 }],
    note: 'Data memory of CJ, CP and CS over FINS: D0 is DM word 0.',
  },
} as const satisfies Record<string, AddressPreset>;

export type AddressPresetName = keyof typeof addressPresets;

export function isAddressPreset(name: string): name is AddressPresetName {
  return Object.hasOwn(addressPresets, name);
}
