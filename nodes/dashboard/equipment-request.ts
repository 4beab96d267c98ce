// Narrows what a browser sent to a request of the page Equipment; an unknown field never reaches the flow.
import type { FieldReader } from '../core/field-reader.ts';
import type { EquipmentRequest } from './equipment-messages.ts';

/** One request of the page; undefined for a command that it does not have. Faults go to `read`. */
export function equipmentRequestOf(read: FieldReader): EquipmentRequest | undefined {
  const command = read.raw('command');
  if (command === 'acknowledge') {
    return {
      command,
      id: read.whole('id', 1),
      ...(read.has('note') && { note: read.text('note', 500) }),
      commandId: read.words('commandId'),
    };
  }
  if (command !== 'settle-weighing') return undefined;
  return {
    command,
    id: read.whole('id', 1),
    reason: read.words('reason', 500),
    ...(read.has('discard') && { discard: read.flag('discard') }),
    ...(read.has('order') && { order: read.words('order') }),
    ...(read.has('productId') && { productId: read.whole('productId', 1) }),
    ...(read.has('kg') && { kg: read.number('kg') }),
    commandId: read.words('commandId'),
  };
}
