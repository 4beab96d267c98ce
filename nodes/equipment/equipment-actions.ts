// Which action of the policy each command of equipment-failures is.
import type { Action } from '../access/messages.ts';
import type { EquipmentCommand } from './messages.ts';

export const equipmentActions: Readonly<Record<EquipmentCommand['command'], Action>> = {
  take: 'task.run',
  flagged: 'task.run',
  list: 'equipment.read',
  view: 'equipment.read',
  acknowledge: 'equipment.acknowledge',
};
