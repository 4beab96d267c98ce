// Messages of the notify room (node notify), its routes, and what an open page hears of it.
import type { Department, Role } from '../access/messages.ts';

/** Words and colours are the dashboard's; `alarm` asks for an act, `warning` for a look, `info` for nothing. */
export type NotificationSeverity = 'info' | 'warning' | 'alarm';

/** Whoever matches any of them receives it; an empty list of all three is refused. */
export interface Recipients {
  readonly roles?: readonly Role[];
  readonly departments?: readonly Department[];
  /** Logins. */
  readonly users?: readonly string[];
  /**
   * Machines that it is about, as people are assigned to them: somebody reached only by a machine-bound role (operator, ctp)
   * receives it only when assigned to one of these.
   */
  readonly machines?: readonly string[];
}

/**
 * Input of the node alarm-routing: a condition that begins (`active` true) or ends, as every room's alarm output sends it.
 * It takes a `NotifyCommand` as well: a rule that names its type then decides who is told.
 */
export interface PlantAlarm {
  /** Small letters, digits and dashes, such as `batch-failed`. */
  readonly code: string;
  readonly active: boolean;
  /** When it began; the same code, key and `since` is told once. */
  readonly since: string;
  /** What is wrong and what to do, in English. */
  readonly message: string;
  readonly line?: string;
  readonly orderName?: string;
  readonly slot?: string;
  /** What it is about, where it is neither an order nor a slot. */
  readonly subject?: string;
  /** Tells two alarms of one code apart; its subject does where it is missing. */
  readonly key?: string;
  /** Path inside this server; the page of the batches without it. */
  readonly link?: string;
}

/** Input of the node notify. */
export interface NotifyCommand {
  readonly command: 'notify';
  readonly recipients: Recipients;
  /** One line. */
  readonly title: string;
  readonly body?: string;
  /** Path inside this server, such as `/dashboard/batches`. */
  readonly link?: string;
  readonly severity: NotificationSeverity;
  /** What kind of news it is, such as `ctp_problem_new`: small letters, digits and `_`. Rooms list theirs by its beginning. */
  readonly type?: string;
  /** The same key is stored and sent once, for ever; left out: every message is a new notification. */
  readonly dedupeKey?: string;
}

/**
 * Further commands of the node notify, for an HTTP request of a person's session: the person's own notifications, those whose
 * type begins with `type` where it is given. Answered on output 1 as on the routes under `/api/notifications`.
 */
export type OwnNotificationsCommand =
  | {
      readonly command: 'list';
      readonly type?: string;
      readonly unread?: boolean;
      readonly limit?: number;
      readonly offset?: number;
    }
  | { readonly command: 'read'; readonly id: number; readonly type?: string };

/** As a person sees it; `GET /api/notifications?limit&offset&unread=true` answers `{success, data: NotificationRow[], total, unread}`. */
export interface NotificationRow {
  readonly id: number;
  /** Kind of news; null where its sender named none. */
  readonly type: string | null;
  readonly title: string;
  readonly body: string | null;
  readonly link: string | null;
  readonly severity: NotificationSeverity;
  readonly createdAt: string;
  /** Null while unread; also set by the automatic read after 7 days. */
  readonly readAt: string | null;
}

/** Payload of the socket event `shopfloor:notifications`, and `data` of `GET /api/notifications/unread-count`. */
export interface UnreadCount {
  readonly unread: number;
  /** The newest unread one, for a short banner; null when there is none. */
  readonly latest: NotificationRow | null;
}

/** First output of notify, topic `notify/stored`. */
export interface NotifyStored {
  /** False when the dedupe key was known: nothing was stored, the other outputs stay silent. */
  readonly stored: boolean;
  readonly notification: NotificationRow;
  readonly recipients: Recipients;
}

/** Every further output, topic `notify/<channel>`: one message for each outside channel named in the node. */
export interface NotifyChannelMessage {
  readonly channel: string;
  readonly notification: NotificationRow;
  /** Every addressed person, once. */
  readonly recipients: readonly { readonly login: string; readonly name: string; readonly language: string }[];
}
