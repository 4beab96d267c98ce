// Node cumulative-tracker: readings in, production and defects per machine, shift, order and hour out; corrections by people.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise, authoriseNamed } from '../access/actor.ts';
import type { Actor } from '../core/actor.ts';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText } from '../core/command-input.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import { successReply } from '../core/http-envelope.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { storeNodeOf } from '../store/connection-contract.ts';
import type { Store } from '../store/store.ts';
import { type ShiftCalendar, shiftCalendarNodeOf } from './calendar-contract.ts';
import { CumulativeCounter } from './cumulative-counter.ts';
import { settleDelivery } from './deliveries.ts';
import { noticeOf } from './event-notices.ts';
import type { ProductionEvent } from './messages.ts';
import { decide } from './person-decisions.ts';
import { QuarantineWatch } from './quarantine-watch.ts';
import { SilentShifts } from './silent-shifts.ts';
import { migrateStateTables, statesParticipant, statesSweep } from './states-participant.ts';
import { trackerActions } from './tracker-actions.ts';
import { parseTrackerCommand, type TrackerCommand } from './tracker-commands.ts';
import { parseTrackerSettings, type TrackerProperties, type TrackerSettings } from './tracker-settings.ts';
import { machineNames, trackerView } from './tracker-views.ts';

interface Properties extends NodeDef, TrackerProperties {
  /** Ids of config nodes. */
  readonly store?: string;
  readonly calendar?: string;
}

interface Opened {
  readonly counter: CumulativeCounter;
  readonly store: Store;
  readonly settings: TrackerSettings;
  readonly calendar: ShiftCalendar;
}

const tickEveryMs = 10_000;

/** Key of what the log says, mapped by the event's type. */
const logs: Readonly<Record<string, string>> = {
  'counter-shut-out': 'cumulative-tracker.log.shutOut',
  'counter-falls': 'cumulative-tracker.log.falls',
  'machine-set-aside': 'cumulative-tracker.log.setAside',
};

export default function (RED: NodeAPI): void {
  function CumulativeTracker(this: Node, config: Properties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => parseTrackerSettings(config));
    let opening: Promise<Opened> | undefined;
    let lastFault = settings instanceof ShopfloorError ? settings.message : '';
    const show = (fill: 'green' | 'red' | 'yellow', text: string) =>
      this.status({ fill, shape: fill === 'green' ? 'dot' : 'ring', text: statusText(text) });
    const faulty = (error: Error) => {
      show('red', error instanceof ShopfloorError ? error.code : 'error');
      // Only the transition is told; the same fault again says nothing new.
      if (error.message !== lastFault) this.error(error.message);
      lastFault = error.message;
    };
    const counting = (shutOut: readonly string[] = []) => {
      lastFault = '';
      const [machine] = shutOut;
      if (machine === undefined) show('green', RED._('cumulative-tracker.status.counting'));
      else show('yellow', RED._('cumulative-tracker.status.shutOut', { machine }));
    };
    const tellPeople = async (store: Store, events: readonly ProductionEvent[]) => {
      const told = events.filter((event) => noticeOf(event, '') !== null);
      if (told.length === 0) return;
      const names = await machineNames(
        store,
        told.map(({ machine }) => machine),
      );
      for (const event of told) {
        const { machine, type, detail } = event;
        const why = String(detail.message ?? detail.cause);
        const words = { machine, count: String(detail.refused), why };
        const log = logs[type];
        if (log) this.warn(RED._(log, words));
        const payload = noticeOf(event, names.get(machine) ?? machine);
        this.send([null, null, { _msgid: RED.util.generateId(), topic: 'production/notice', payload }]);
      }
    };
    const watch = new QuarantineWatch();
    const tellOfQuarantine = async (store: Store, calendar: ShiftCalendar) => {
      const day = plantTimeOf(calendar.timeZone).dateText(Date.now());
      for (const payload of await watch.look(store, day))
        this.send([null, null, { _msgid: RED.util.generateId(), topic: 'production/notice', payload }]);
    };
    const opened = (): Promise<Opened> => {
      opening ??= open();
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    };

    const open = async (): Promise<Opened> => {
      if (settings instanceof ShopfloorError) throw settings;
      const calendarNode = shiftCalendarNodeOf(RED.nodes.getNode(config.calendar ?? ''));
      const storeNode = storeNodeOf(RED.nodes.getNode(config.store ?? ''));
      if (!calendarNode || !storeNode) {
        throw new ShopfloorError('settings-wrong', 503, 'This cumulative-tracker needs a store and a shift calendar.', {
          hint: 'Choose both in its settings and deploy.',
        });
      }
      const calendar = calendarNode.calendar();
      const store = await storeNode.ready();
      await migrateStateTables(store);
      const about = (topic: string) => (payload: unknown) => ({ _msgid: RED.util.generateId(), topic, payload });
      const silent = new SilentShifts(settings);
      const counter = new CumulativeCounter({
        store,
        calendar,
        settings,
        clock: systemClock,
        participants: [statesParticipant(settings.silenceMs), silent.note],
        sweeps: [statesSweep(settings.silenceMs), silent.close],
        onBooked: (totals, events) => {
          tellPeople(store, events).catch((error: unknown) => faulty(asError(error)));
          this.send([totals.map(about('production/total')), events.map(about('production/event')), null]);
        },
        onClosed: (total) => this.send([about('production/shift-closed')(total), null, null]),
        onFault: (fault) => (fault ? faulty(fault) : counting()),
      });
      return { counter, store, settings, calendar };
    };

    const run = async ({ counter, store, settings, calendar }: Opened, command: TrackerCommand, actor: Actor) => {
      switch (command.command) {
        case 'readings':
          return {};
        case 'tick':
          await counter.tick();
          await tellOfQuarantine(store, calendar);
          return { command: 'tick' };
        case 'totals':
        case 'machines':
        case 'check':
        case 'orders':
        case 'quarantine':
          await counter.fold();
          return trackerView(store, command);
        default:
          return decide(
            { counter, settings, plant: plantTimeOf(calendar.timeZone), clock: systemClock },
            command,
            actor,
          );
      }
    };

    const take = async (batch: Extract<TrackerCommand, { command: 'readings' }>['batch']): Promise<void> => {
      try {
        (await opened()).counter.take(batch);
      } catch (error) {
        settleDelivery(batch.delivery, false);
        throw error;
      }
    };

    onCommand(this, async (message, send) => {
      await authoriseNamed(message, trackerActions, 'production.read');
      const command = parseTrackerCommand(message.payload);
      const actor = (await authorise(message, trackerActions[command.command])) ?? {
        name: 'flow',
        via: 'flow' as const,
      };
      if (command.command === 'readings') {
        await take(command.batch);
        return;
      }
      const payload = await run(await opened(), command, actor);
      message.topic = `production/${command.command}`;
      if (message.res === undefined) message.payload = payload;
      else Object.assign(message, successReply({ data: payload }));
      send([message, null, null]);
    });
    const tick = () => {
      opened()
        .then(async ({ counter, store, calendar }) => {
          await counter.tick();
          await tellOfQuarantine(store, calendar);
          return counter.shutOut;
        })
        .then(counting, (error: unknown) => faulty(asError(error)));
    };
    const timer = setInterval(tick, tickEveryMs);
    tick();
    this.on('close', (done: (error?: Error) => void) => {
      clearInterval(timer);
      Promise.resolve(opening)
        .then((one) => one?.counter.stop())
        .then(
          () => done(),
          () => done(),
        );
    });
  }
  RED.nodes.registerType('cumulative-tracker', CumulativeTracker);
}
