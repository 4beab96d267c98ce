// The machines as the page Production holds them: the last view with every change applied, and questions to the flow.
import { computed } from 'vue';
import type { ProductionCard, ProductionView } from '../../nodes/production/messages.ts';
import type { ProductionPageRequest } from '../../nodes/production/page-contract.ts';
import type { LiveShape } from '../common/apply-list-delta.ts';
import type { Socket } from '../common/host.ts';
import { useLiveList } from '../common/live-list.ts';
import { useRequests } from '../common/requests.ts';

/** The flow sends a view every few seconds; so long without one means that nothing is known any more. */
export const productionOldAfterSeconds = 60;

const shape: LiveShape<ProductionView, ProductionCard, Omit<ProductionView, 'cards'>> = {
  items: (view) => view.cards,
  keyOf: (card) => card.machine,
  withItems: (rest, cards) => ({ ...rest, cards }),
};

export function useProduction(widgetId: string, socket: Socket | undefined) {
  const { ask, settle } = useRequests<ProductionPageRequest>(widgetId, socket, 'production/request');
  const current = useLiveList({
    widgetId,
    socket,
    topic: 'production',
    shape,
    onReply: settle,
    oldAfterSeconds: productionOldAfterSeconds,
    tickMs: 1000,
  });
  return { view: computed(() => current.value?.view ?? null), ask };
}
