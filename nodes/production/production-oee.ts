// Node production-oee: what machines do and did, their OEE and the reasons of stops; one query in, its answer, events and windows out.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { allowedOf, authorise, authoriseNamed } from '../access/actor.ts';
import type { Action } from '../access/messages.ts';
import type { Resource } from '../access/policy.ts';
import type { Actor } from '../core/actor.ts';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText, type WireMessage } from '../core/command-input.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import { successReply } from '../core/http-envelope.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { storeNodeOf } from '../store/connection-contract.ts';
import { shiftCalendarNodeOf } from './calendar-contract.ts';
import { migrateIntakeTables } from './intake-migrations.ts';
import { ProductionQueries } from './production-queries.ts';
import { queryActions } from './query-actions.ts';
import { type ProductionQuery, parseQuery } from './query-parser.ts';
import { type OeeNodeSettings, parseQuerySettings, type QueryProperties } from './query-settings.ts';
import { migrateStateTables } from './states-participant.ts';

interface Properties extends NodeDef, QueryProperties {
  /** Id of the shopfloor-store config node. */
  store?: string;
  /** Id of the shift-calendar config node. */
  calendar?: string;
}

interface Opened {
  readonly queries: ProductionQueries;
  readonly timeZone: string;
}

export default function (RED: NodeAPI): void {
  function ProductionOee(this: Node, config: Properties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => parseQuerySettings(config), 'warn');
    let opening: Promise<Opened> | undefined;
    const opened = (): Promise<Opened> => {
      opening ??= open(RED, config, settings);
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    };
    const about = (topic: string) => (payload: unknown) => ({ _msgid: RED.util.generateId(), topic, payload });

    onCommand(this, async (message, send) => {
      const { queries, timeZone } = await opened();
      await authoriseNamed(message, queryActions, 'production.read');
      const query = parseQuery(message.payload, plantTimeOf(timeZone), Date.now());
      const action = queryActions[query.command];
      const actor = (await authorise(message, action, resourceOf(query))) ?? senderInFlow(message);
      const machines = query.command === 'stops' ? await ownMachines(message, action, queries) : undefined;
      const { payload, events } = await queries.execute(query, actor, machines);
      message.topic = query.command === 'current' ? 'production/view' : `production/${query.command}`;
      if (message.res === undefined) message.payload = payload;
      else Object.assign(message, successReply({ data: payload }));
      send([message, events.map(about('production/event')), null]);
      this.status({ fill: 'green', shape: 'dot', text: statusText(query.command) });
    });

    let closed = false;
    let cancel = () => {};
    /** What is under way, so that closing waits for it. */
    let beating = Promise.resolve();
    const beat = async (): Promise<void> => {
      try {
        const { queries } = await opened();
        const windows = await queries.windows();
        if (!closed) this.send([null, null, windows.map(about('production/window'))]);
      } catch (thrown) {
        if (!closed) this.error(asError(thrown).message);
      }
    };
    const beatAfter = (delayMs: number, periodMs: number) => {
      cancel = systemClock.after(delayMs, () => {
        beating = beat().then(() => {
          if (!closed) beatAfter(periodMs, periodMs);
        });
      });
    };
    if (!(settings instanceof ShopfloorError) && settings.periodMs > 0) {
      beatAfter(Math.min(1000, settings.periodMs), settings.periodMs);
    }
    this.on('close', (done: () => void) => {
      closed = true;
      cancel();
      opening = undefined;
      beating.then(done, done);
    });
  }
  RED.nodes.registerType('production-oee', ProductionOee);
}

async function open(RED: NodeAPI, config: Properties, settings: OeeNodeSettings | ShopfloorError): Promise<Opened> {
  if (settings instanceof ShopfloorError) throw settings;
  const storeNode = storeNodeOf(RED.nodes.getNode(config.store ?? ''));
  const calendarNode = shiftCalendarNodeOf(RED.nodes.getNode(config.calendar ?? ''));
  if (!storeNode || !calendarNode) {
    const what = storeNode ? 'shift calendar' : 'store';
    throw new ShopfloorError('settings-wrong', 503, `This production-oee node has no ${what}.`, {
      hint: `Choose a ${what} in its settings and deploy.`,
    });
  }
  const calendar = calendarNode.calendar();
  const store = await storeNode.ready();
  await migrateIntakeTables(store);
  await migrateStateTables(store);
  return { queries: new ProductionQueries(store, calendar, systemClock, settings), timeZone: calendar.timeZone };
}

/** A stop belongs to whoever works at its machine. */
function resourceOf(query: ProductionQuery): Resource {
  const isOfMachine = query.command === 'reason' || query.command === 'stops';
  return isOfMachine && query.machine !== undefined ? { machine: query.machine } : {};
}

/** Those that the asker works at; undefined: all of them. */
async function ownMachines(
  message: WireMessage,
  action: Action,
  queries: ProductionQueries,
): Promise<readonly string[] | undefined> {
  const all = (await queries.machines()).map((machine) => ({ machine }));
  const own = await allowedOf(message, action, all);
  return own.length === all.length ? undefined : own.map(({ machine }) => machine);
}

/** Inside a flow: whom an earlier node of the flow names, or the flow itself. */
function senderInFlow(message: WireMessage): Actor {
  const { actor } = message;
  const named = typeof actor === 'object' && actor !== null && 'name' in actor && typeof actor.name === 'string';
  return { name: named && actor.name !== '' ? String(actor.name).slice(0, 100) : 'flow', via: 'flow' };
}
