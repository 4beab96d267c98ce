// Texts of the page Equipment in English.
import type { equipmentId } from './equipment-id.ts';

export const equipmentEn: Readonly<Record<keyof typeof equipmentId, string>> = {
  'page.equipment': 'Equipment',

  'equipment.no-view': 'No news of the PLC yet.',
  'failure.open': 'Failures to acknowledge ({count})',
  'failure.none': 'No failure waits for anybody.',
  'failure.before': 'Failures before',
  'failure.acknowledge': 'Acknowledge',
  'failure.acknowledged': '{machine}: failure acknowledged.',
  'failure.unreadable': 'The report can not be read',
  'failure.doubtful': 'A part of the report can not be trusted; look at the machine.',
  'failure.by': 'Acknowledged by {name}, {when}',

  'weighing.waiting': 'Manual weighings that need a decision ({count})',
  'weighing.before': 'Manual weighings',
  'weighing.settle': 'Settle',
  'weighing.take': 'Add to the order',
  'weighing.discard': 'Do not count',
  'weighing.order': 'Order',
  'weighing.product': 'Component id in Odoo',
  'weighing.kg': 'Mass (kg)',
  'weighing.wrong': 'Give the order, the component id and 0.01 to {most} kg.',
  'weighing.taken': 'The weighing is added to its order.',
  'weighing.discarded': 'The weighing is not counted.',
  'weighing.status.taken': 'Goes to Odoo with its batch',
  'weighing.status.posted': 'Posted in Odoo',
  'weighing.status.discarded': 'Not counted',
  'weighing.code.weighing-doubtful': 'Its figures can not be true.',
  'weighing.code.order-unknown': 'This order is not known.',
  'weighing.code.order-closed': 'This order has ended. Post it in Odoo, or name the right order.',
  'weighing.code.order-cancelling': 'This order is being cancelled in Odoo.',
  'weighing.code.product-unknown': 'This order does not use that component.',
  'weighing.code.weighing-settled': 'This weighing is settled, or posted in Odoo, already.',
  'weighing.code.state-conflict': 'The figures of this batch were corrected since. Correct the batch.',
  'weighing.code.other': 'It needs a decision.',
};
