// Which action each command of a dashboard widget is, so that the socket guard can ask the policy before a flow sees it.
import type { Action, UserIdentity } from './messages.ts';

/** The action of a command, or how its fields decide which one it is. */
export type CommandAction = Action | ((payload: Readonly<Record<string, unknown>>) => Action);

/** Actions mapped by command (`msg.payload.command`), mapped by widget type. */
const widgets = new Map<string, ReadonlyMap<string, CommandAction>>();
/** What one person may see of a message to a widget, mapped by widget type. */
const views = new Map<string, WidgetView>();
/** Actions mapped by the name of a socket event of a widget's own. */
const events = new Map<string, Action>();

/** A widget's glue calls this when it is loaded; a command that is not listed is allowed to nobody. */
export function declareWidget(type: string, commands: Readonly<Record<string, CommandAction>>): void {
  widgets.set(type, new Map(Object.entries(commands)));
}

/** The message as `user` may see it: `topic` and `payload` are what the widget would receive. Called for each page that it goes to. */
export type WidgetView = (message: WidgetNews, user: UserIdentity) => WidgetNews;

export interface WidgetNews {
  readonly topic?: unknown;
  readonly payload?: unknown;
}

/** For a widget that shows each person something else; without a view, who sees the page sees everything on it. */
export function declareWidgetView(type: string, view: WidgetView): void {
  views.set(type, view);
}

/** Whether a widget is this package's. */
export function isDeclaredWidget(type: string): boolean {
  return widgets.has(type);
}

export function viewOfWidget(type: string): WidgetView | undefined {
  return views.get(type);
}

/** Allows a socket event of a widget's own (`onSocket`) to who may do `action`. */
export function declareSocketEvent(event: string, action: Action): void {
  events.set(event, action);
}

/** The action that a message from a widget asks for; undefined: unknown, so no. Widgets of others: `widget.act`. */
export function actionOfWidgetMessage(type: string, message: unknown): Action | undefined {
  const commands = widgets.get(type);
  if (!commands) return 'widget.act';
  const payload = payloadOf(message);
  const action = typeof payload?.command === 'string' ? commands.get(payload.command) : undefined;
  return typeof action === 'function' ? action(payload ?? {}) : action;
}

export function actionOfSocketEvent(event: string): Action | undefined {
  return events.get(event);
}

function payloadOf(message: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof message !== 'object' || message === null || !('payload' in message)) return undefined;
  const { payload } = message;
  return typeof payload === 'object' && payload !== null ? (payload as Readonly<Record<string, unknown>>) : undefined;
}
