// What the PLC reports as the page Equipment holds it: the last view with every change applied, and decisions to the flow.
import { computed } from 'vue';
import type { EquipmentRequest, EquipmentView } from '../../nodes/dashboard/equipment-messages.ts';
import type { EquipmentFailure } from '../../nodes/equipment/messages.ts';
import type { LiveShape } from '../common/apply-list-delta.ts';
import type { Socket } from '../common/host.ts';
import { useLiveList } from '../common/live-list.ts';
import { useRequests } from '../common/requests.ts';

/** The flow sends a view every few seconds; so long without one means that nothing is known any more. */
export const equipmentOldAfterSeconds = 60;

export type Weighing = EquipmentView['weighings'][number];

const shape: LiveShape<EquipmentView, EquipmentFailure, Omit<EquipmentView, 'failures'>> = {
  items: (view) => view.failures,
  keyOf: ({ id }) => String(id),
  withItems: (rest, failures) => ({ ...rest, failures }),
};

export function useEquipment(widgetId: string, socket: Socket | undefined) {
  const { ask, settle } = useRequests<EquipmentRequest>(widgetId, socket, 'equipment/request');
  const current = useLiveList({
    widgetId,
    socket,
    topic: 'equipment',
    shape,
    onReply: settle,
    oldAfterSeconds: equipmentOldAfterSeconds,
  });
  return { view: computed(() => current.value?.view ?? null), ask };
}
