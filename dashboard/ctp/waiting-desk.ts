// The one sender of this browser tab for reports that wait on the tablet, whichever page of the dashboard is open.
import { onMounted, onUnmounted } from 'vue';
import type { CtpProblem } from '../../nodes/ctp/messages.ts';
import type { Socket } from '../common/host.ts';
import { WaitingReports } from './waiting-reports.ts';
import { browserStore } from './waiting-store.ts';

interface Desk {
  readonly userId: string;
  readonly reports: WaitingReports;
}

let desk: Desk | undefined;
const listeners = new Set<(problem: CtpProblem) => void>();

/** Runs from the first page that needs it to the end of the tab: a change of page interrupts no upload. */
export function waitingReportsOf(userId: string): WaitingReports {
  if (desk?.userId === userId) return desk.reports;
  desk?.reports.stop();
  const reports = new WaitingReports(browserStore(), userId, (problem) => {
    for (const listener of listeners) listener(problem);
  });
  desk = { userId, reports };
  reports.start();
  return reports;
}

/** Sends what waits as soon as the socket is back, while this widget is on screen. @param onSent told of each that arrived */
export function useWaitingReports(
  userId: string,
  socket: Socket | undefined,
  onSent: (problem: CtpProblem) => void = () => undefined,
): WaitingReports {
  const reports = waitingReportsOf(userId);
  const onConnect = () => void reports.flush();
  onMounted(() => {
    listeners.add(onSent);
    socket?.on('connect', onConnect);
  });
  onUnmounted(() => {
    listeners.delete(onSent);
    socket?.off('connect', onConnect);
  });
  return reports;
}
