// The border of mo-batch for manual weighings: what plc-record-read saw and did, and what a person says.
import type { FieldReader } from '../core/field-reader.ts';
import type { CentiKg } from '../core/mass.ts';
import type { WeighingReading } from '../plc/messages.ts';
import type { BatchCommand } from './messages.ts';

type WeighingCommand = Extract<
  BatchCommand,
  { readonly command: 'weigh' | 'weighed' | 'weighings' | 'settle-weighing' }
>;

export const weighingCommands = ['weigh', 'weighed', 'weighings', 'settle-weighing'] as const;

/** A record has fewer; the limit only keeps a lying sender small. */
const mostWords = 125;
/** The largest double word of a PLC. */
const mostCentiKg = 2 ** 32;
const longestReason = 1_000;

export function readWeighing(command: (typeof weighingCommands)[number], fields: FieldReader): WeighingCommand {
  switch (command) {
    case 'weigh': {
      const readAt = fields.text('readAt', 40);
      if (Number.isNaN(Date.parse(readAt))) fields.fault('readAt', 'must be an instant of ISO 8601', 'instant');
      const weighing = fields.has('weighing') ? reading(fields.part('weighing')) : null;
      return { command, plc: fields.words('plc'), readAt, failure: null, weighing };
    }
    case 'weighed':
      return {
        command,
        record: fields.oneOf('record', ['weighing'] as const),
        id: fields.whole('id', 1),
        done: fields.flag('done'),
        reason: fields.has('reason') ? fields.text('reason', 2_000) : null,
        watchOnly: fields.flag('watchOnly'),
      };
    case 'weighings':
      return {
        command,
        ...(fields.has('waiting') && { waiting: fields.choice('waiting') }),
        ...(fields.has('limit') && { limit: fields.count('limit', 1, 1_000) }),
        ...(fields.has('offset') && { offset: fields.count('offset', 0, 1_000_000_000) }),
      };
    case 'settle-weighing':
      return {
        command,
        id: fields.count('id', 1, Number.MAX_SAFE_INTEGER),
        reason: fields.words('reason', longestReason),
        ...(fields.has('discard') && { discard: fields.flag('discard') }),
        ...(fields.has('order') && { order: fields.words('order') }),
        ...(fields.has('productId') && { productId: fields.whole('productId', 1) }),
        ...(fields.has('kg') && { kg: kilograms(fields) }),
        ...(fields.has('commandId') && { commandId: fields.words('commandId') }),
      };
  }
}

function reading(fields: FieldReader): WeighingReading {
  const state = fields.oneOf('state', ['empty', 'read', 'new'] as const);
  const words = fields.items('words', mostWords).map((word) => (typeof word === 'number' ? word : 0));
  if (state !== 'new') return { state, words };
  return {
    state,
    words,
    slot: fields.whole('slot', 0, 65_535),
    moName: fields.text('moName'),
    productId: fields.whole('productId', 1),
    massCentiKg: fields.whole('massCentiKg', 1, mostCentiKg) as CentiKg,
    reasons: fields.items('reasons', 20).map(String),
  };
}

/** More than a scale shows is a slip of the hand. */
function kilograms(fields: FieldReader): number {
  const kg = fields.number('kg');
  if (kg >= 0.01 && kg <= 5_000) return kg;
  fields.fault('kg', 'must be 0.01 to 5000 kg', 'range', { least: 0.01, most: 5_000 });
  return 0.01;
}
