// The components as the page Health holds them: the last view with every change applied, and questions to the flow.
import { computed } from 'vue';
import type { HealthRequest } from '../../nodes/dashboard/page-request.ts';
import type { HealthView, NamedComponent } from '../../nodes/health/messages.ts';
import type { LiveShape } from '../common/apply-list-delta.ts';
import type { Socket } from '../common/host.ts';
import { useLiveList } from '../common/live-list.ts';
import { useRequests } from '../common/requests.ts';

/** The flow sends a view every few seconds; so long without one means that nothing is known any more. */
export const healthOldAfterSeconds = 60;

export const keyOf = ({ machine, component }: { readonly machine: string; readonly component: string }): string =>
  JSON.stringify([machine, component]);

const shape: LiveShape<HealthView, NamedComponent, Omit<HealthView, 'components'>> = {
  items: (view) => view.components,
  keyOf,
  withItems: (rest, components) => ({ ...rest, components }),
};

export type HealthAlarmRow = HealthView['alarms'][number];

export function useHealth(widgetId: string, socket: Socket | undefined) {
  const { ask, settle } = useRequests<HealthRequest>(widgetId, socket, 'health/request');
  const current = useLiveList({
    widgetId,
    socket,
    topic: 'health',
    shape,
    onReply: settle,
    oldAfterSeconds: healthOldAfterSeconds,
  });
  return { view: computed(() => current.value?.view ?? null), ask };
}

/** Alarms that stand, the first of a disturbance first: it is most likely the cause of the others. */
export function inFirstOutOrder(alarms: readonly HealthAlarmRow[]): readonly HealthAlarmRow[] {
  return alarms
    .filter(({ state }) => state !== 'normal')
    .toSorted((one, other) => one.first_out - other.first_out || one.at.localeCompare(other.at));
}
