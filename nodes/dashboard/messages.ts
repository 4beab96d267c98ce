// Messages between the dashboard's nodes and its widgets: view models in, commands and queries out.
import type { BatchAlarmCode, BatchState } from '../batch/messages.ts';
import type { Deviation, Remainder } from '../odoo/messages.ts';

/** A mass in hundredths of a kilogram, as JSON carries it. */
export type WireMass = number;

/** One silo or tank of one batch, ready to be drawn. */
export interface BoardComponent {
  /** The original's tag, `silo_a` ... `silo_m`, `lq114`, `lq115`; `equipment_120` for other codes. */
  readonly tag: string;
  readonly name: string;
  readonly targetCentiKg: WireMass;
  /** Null: not known yet, shown as "–". */
  readonly actualCentiKg: WireMass | null;
  /** Actual minus target; null while it says nothing (unknown, or the silo is still dosing). */
  readonly deviationCentiKg: WireMass | null;
  /** The deviation is beyond the tolerance. */
  readonly outside: boolean;
}

/** Why a batch waits, and for whom. */
export interface BoardWait {
  readonly for: 'odoo' | 'person';
  readonly since: string;
  /** Code of the hold or of the last fault; the widget has words for the known ones. */
  readonly code: string;
  /** The ledger's own sentence, in English. */
  readonly message: string;
  readonly attempts: number;
  /** What a person must compare, where the hold names figures. */
  readonly figures?: readonly WaitFigure[];
}

/** One figure of a hold beside what it should be. */
export interface WaitFigure {
  readonly what: Deviation['what'];
  /** Of a silo or tank; null for the order as a whole. */
  readonly tag: string | null;
  readonly expectedCentiKg: WireMass;
  readonly actualCentiKg: WireMass;
}

/** What a person may ask for in this state; who may is decided by the policy, on the server and again at the command. */
export type BoardAction = 'retry' | 'accept' | 'backorder' | 'reset' | 'cancel' | 'correct';

export interface BoardBatch {
  /** Id of the batch: two companies may have orders of one name. */
  readonly id: string;
  readonly order: string;
  readonly product: string;
  readonly line: string;
  readonly slot: number | null;
  readonly state: BatchState;
  readonly stateSince: string;
  readonly plannedCentiKg: WireMass;
  readonly finishedCentiKg: WireMass | null;
  /** Sums over the components; actual is null while no component has a reading. */
  readonly targetCentiKg: WireMass;
  readonly actualCentiKg: WireMass | null;
  readonly deviationCentiKg: WireMass | null;
  readonly outside: boolean;
  readonly lastReadAt: string | null;
  /** Whether a reading is expected at all: a queued or archived batch never goes stale. */
  readonly read: boolean;
  readonly watchOnly: boolean;
  readonly wait: BoardWait | null;
  /** True while Odoo is being asked. */
  readonly sending: boolean;
  /** When Odoo is asked next by itself; null where nothing waits, a person must decide, or the clock of the task is off. */
  readonly nextTryAt: string | null;
  readonly actions: readonly BoardAction[];
  readonly components: readonly BoardComponent[];
}

export interface BoardSlot {
  readonly slot: number;
  readonly batch: BoardBatch | null;
}

export interface BoardAlarm {
  readonly code: BatchAlarmCode;
  readonly slot: number | null;
  readonly order: string | null;
  readonly since: string;
  readonly message: string;
}

export interface BoardLine {
  readonly line: string;
  /** One entry for each slot of the PLC, in order. */
  readonly slots: readonly BoardSlot[];
  /** Open batches without a slot: queued, or made and waiting for Odoo or a person. */
  readonly waiting: readonly BoardBatch[];
  readonly alarms: readonly BoardAlarm[];
}

/** The whole board, topic `board/view`. An engineer can wire any source that sends this. */
export interface BatchBoardView {
  /** When the server made this view, ISO 8601 UTC; the widget counts ages from here, not from the tablet's clock. */
  readonly at: string;
  readonly staleAfterSeconds: number;
  readonly lines: readonly BoardLine[];
}

/** What changed since the view numbered `from`, topic `board/delta`. */
export interface BatchBoardDelta {
  readonly from: number;
  readonly seq: number;
  readonly at: string;
  readonly lines: readonly {
    readonly line: string;
    readonly slots: readonly BoardSlot[];
    readonly waiting?: readonly BoardBatch[];
    readonly alarms?: readonly BoardAlarm[];
  }[];
}

/** One row of the history list. */
export interface BoardHistoryRow {
  readonly order: string;
  readonly product: string;
  readonly line: string;
  readonly endedAs: 'completed' | 'failed' | 'cancelled' | 'watched';
  readonly endedAt: string;
  readonly plannedCentiKg: WireMass;
  readonly finishedCentiKg: WireMass | null;
  readonly deviationCentiKg: WireMass | null;
  readonly outside: boolean;
}

export interface BoardHistoryPage {
  readonly rows: readonly BoardHistoryRow[];
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

export interface BoardEvent {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly type: string;
  readonly fromState: BatchState | null;
  readonly toState: BatchState;
  readonly reason: string | null;
}

/** One order in full: its figures and its event trail, oldest first. */
export interface BoardOrderDetail {
  readonly batch: BoardBatch;
  readonly endedAs: BoardHistoryRow['endedAs'] | null;
  readonly endedAt: string | null;
  readonly notes: string | null;
  readonly events: readonly BoardEvent[];
}

/** Commands of the widget that change something; `commandId` makes a retry harmless. */
export type BoardCommand =
  | {
      readonly command: 'retry';
      readonly order: string;
      readonly accept?: boolean;
      readonly remainder?: Remainder;
      readonly reason?: string;
      readonly commandId: string;
    }
  | {
      readonly command: 'reset' | 'cancel';
      readonly order: string;
      readonly reason?: string;
      readonly commandId: string;
    }
  | {
      readonly command: 'correct';
      readonly order: string;
      readonly consumptionKg: Readonly<Record<string, number>>;
      readonly finishedGoodsKg: number;
      readonly reason: string;
      readonly commandId: string;
    }
  | { readonly command: 'clear'; readonly release?: boolean; readonly reason?: string; readonly commandId: string }
  | { readonly command: 'run'; readonly task: BoardTask; readonly commandId: string };

/** 1 fetch orders, 2 read the PLC, 3 send finished batches to Odoo, 4 health check. */
export type BoardTask = 1 | 2 | 3 | 4;

export type BoardQuery =
  | { readonly command: 'history'; readonly limit: number; readonly offset: number; readonly search?: string }
  | { readonly command: 'get'; readonly order: string };

/** Widget to server, topic `board/request`: one request, answered by a BoardReply with the same id. */
export interface BoardRequest {
  readonly requestId: string;
  readonly payload: BoardCommand | BoardQuery;
}

/** Server to the one widget that asked, topic `board/reply`. */
export type BoardReply =
  | {
      readonly requestId: string;
      readonly ok: true;
      readonly history?: BoardHistoryPage;
      readonly detail?: BoardOrderDetail;
    }
  | { readonly requestId: string; readonly ok: false; readonly code: string; readonly message: string };

/** A view that is a list of named items with a few further fields, numbered, so that changes of single items can follow it. */
export interface NumberedList<View> {
  readonly seq: number;
  readonly view: View;
}

/** What leads from the view `from` to the view `seq`: the items that changed, and everything beside the list. */
export interface ListDelta<Item, Rest> {
  readonly from: number;
  readonly seq: number;
  readonly changed: readonly Item[];
  readonly rest: Rest;
}

/** Answer to one request of a page, for that page only. */
export type PageReply =
  | { readonly requestId: string; readonly ok: true; readonly answer: unknown }
  | { readonly requestId: string; readonly ok: false; readonly code: string; readonly message: string };
