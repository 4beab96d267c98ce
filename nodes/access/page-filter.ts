// What one dashboard socket may receive and send: only what belongs to pages that its user may see.
import { plainText } from '../core/plain-text.ts';
import type { Action, UserIdentity } from './messages.ts';
import { can } from './policy.ts';
import { actionOfSocketEvent, actionOfWidgetMessage, isDeclaredWidget, viewOfWidget } from './widget-policy.ts';

type Entry = Readonly<Record<string, unknown>>;

/** The part of Dashboard 2.0's `ui-config` that is filtered; everything else in it passes. */
export interface DashboardConfig {
  readonly pages?: Readonly<Record<string, Entry>>;
  readonly groups?: Readonly<Record<string, Entry>>;
  readonly widgets?: Readonly<Record<string, Entry>>;
  readonly dashboards?: Readonly<Record<string, Entry>>;
}

/** What an inbound event asks for: an action to check, something that only needs the page, or nothing that is known. */
export type InboundVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'needs'; readonly action: Action }
  | { readonly kind: 'refused' };

const allowed: InboundVerdict = { kind: 'allowed' };
const refused: InboundVerdict = { kind: 'refused' };

export class PageFilter {
  readonly #user: UserIdentity;
  /** Types of the widgets that this user may see, mapped by widget id. */
  #visible: ReadonlyMap<string, string> = new Map();
  #known: ReadonlySet<string> = new Set();
  /** False when a dashboard is set to leave the client out of messages: then raw widget events can't be vouched for. */
  #namesClients = true;
  /** Whether an event passes, mapped by its name; 20 updates a second of 200 sockets must cost one look-up each. */
  #passes = new Map<string, boolean>();

  constructor(user: UserIdentity) {
    this.#user = user;
  }

  /** The configuration with only the pages that the user may see, and what is on them. */
  filterConfig<Config extends DashboardConfig>(config: Config): Config {
    const pages = keep(config.pages, (page) => this.#seesPage(page));
    const groups = keep(config.groups, (group) => typeof group.page === 'string' && group.page in pages);
    const widgets = keep(config.widgets, (widget) => isOn(widget, pages, groups));
    this.#visible = new Map(Object.entries(widgets).map(([id, widget]) => [id, String(widget.type)]));
    this.#known = new Set(Object.keys(config.widgets ?? {}));
    this.#namesClients = Object.values(config.dashboards ?? {}).every((base) => base.includeClientData !== false);
    this.#passes = new Map();
    return { ...config, pages, groups, widgets };
  }

  /** Whether an event that Dashboard 2.0 or a widget sends (`<kind>:<widget id>`) may go out. */
  passes(event: string): boolean {
    const known = this.#passes.get(event);
    if (known !== undefined) return known;
    const separator = event.indexOf(':');
    const passes = separator > 0 && this.#visible.has(event.slice(separator + 1));
    // Names come from the server, but a widget could make up ever new ones.
    if (this.#passes.size < 10_000) this.#passes.set(event, passes);
    return passes;
  }

  /**
   * What goes with an event that passes, as this user may see it. A message to one of this package's widgets says when it is sent
   * (`sent_at`): a page that opens is given one that may be old, and takes the server's time and the age of its figures from that.
   */
  shown(event: string, args: readonly unknown[]): readonly unknown[] {
    const type = this.#visible.get(event.slice(event.indexOf(':') + 1));
    const [message, ...rest] = args;
    if (type === undefined || !isDeclaredWidget(type) || typeof message !== 'object' || message === null) return args;
    const view = viewOfWidget(type);
    return [{ ...(view ? view(message, this.#user) : message), sent_at: new Date().toISOString() }, ...rest];
  }

  /** Judges an event from the browser. */
  judge(event: string, args: readonly unknown[]): InboundVerdict {
    const [id, message] = args;
    const declared = actionOfSocketEvent(event);
    if (declared !== undefined) return { kind: 'needs', action: declared };
    if (typeof id !== 'string') return refused;
    const type = this.#visible.get(id);
    switch (event) {
      case 'widget-load':
        // Ids that the dashboard's own page makes up begin with `ui-` and have no data on the server.
        return type !== undefined || (id.startsWith('ui-') && !this.#known.has(id)) ? allowed : refused;
      case 'widget-action':
      case 'widget-change':
      case 'widget-send':
        return type === undefined || Array.isArray(message) ? refused : needed(actionOfWidgetMessage(type, message));
      case 'ui-control':
        return type === undefined ? refused : allowed;
      case 'ui-event':
        if (!this.#namesClients || Array.isArray(message)) return refused;
        return isPageEvent(message) ? allowed : { kind: 'needs', action: 'widget.act' };
      default:
        return refused;
    }
  }

  #seesPage(page: Entry): boolean {
    if (page.type === 'ui-link') return true;
    return can(this.#user, `page:${pageIdOf(page.path)}`);
  }
}

/** `/batches` is the page `batches`. */
export function pageIdOf(path: unknown): string {
  return plainText(path).replace(/^\/+|\/+$/g, '');
}

function needed(action: Action | undefined): InboundVerdict {
  return action === undefined ? refused : { kind: 'needs', action };
}

function keep(
  entries: Readonly<Record<string, Entry>> | undefined,
  wanted: (entry: Entry) => boolean,
): Readonly<Record<string, Entry>> {
  return Object.fromEntries(Object.entries(entries ?? {}).filter(([, entry]) => wanted(entry)));
}

/** A widget in a group, on a page, or (with neither) of the whole dashboard. */
function isOn(widget: Entry, pages: Readonly<Record<string, Entry>>, groups: Readonly<Record<string, Entry>>): boolean {
  const props: Entry = typeof widget.props === 'object' && widget.props !== null ? (widget.props as Entry) : {};
  if (typeof props.group === 'string' && props.group !== '') return props.group in groups;
  if (typeof props.page === 'string' && props.page !== '') return props.page in pages;
  return true;
}

/** Opening and leaving a page, which the dashboard tells by itself. */
function isPageEvent(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'topic' in message &&
    (message.topic === '$pageview' || message.topic === '$pageleave')
  );
}
