// Node repair-estimate: alarms and questions in, estimates out; finished repairs and files of past stops teach it.
import { setImmediate } from 'node:timers/promises';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise, authoriseNamed } from '../access/actor.ts';
import type { Action } from '../access/messages.ts';
import { systemClock } from '../core/clock.ts';
import { onCommand, type Send, statusText, type WireMessage } from '../core/command-input.ts';
import { asError, InvalidInput, ShopfloorError } from '../core/errors.ts';
import { onFlowsStarted } from '../core/flows-started.ts';
import { successReply } from '../core/http-envelope.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { settingText } from '../core/setting-text.ts';
import { storeNodeOf } from '../store/connection-contract.ts';
import './health-actions.ts';
import { withFile } from './import-message.ts';
import { unknownImport } from './import-records.ts';
import type { ImportProgress, RepairCommand } from './messages.ts';
import { type OpenRepair, openRepair } from './open-repair.ts';
import { parseAlarm, parseEvent, parseRepairCommand } from './repair-command-parser.ts';
import { senderOf } from './sender.ts';
import { SerialWork } from './serial-work.ts';
import type { StopClass } from './stop-classes.ts';

interface Properties extends NodeDef {
  /** Id of the shopfloor-store config node. */
  store?: string;
  /** IANA name; empty: TZ_PLANT, else Asia/Jakarta. */
  timeZone?: string;
}

const actions: Readonly<Record<RepairCommand['command'], Action>> = {
  estimate: 'repair.estimate',
  finished: 'repair.record',
  import: 'repair.import',
  imports: 'repair.import',
  'import-report': 'repair.import',
  'import-preview': 'repair.import',
  'import-undo': 'repair.import',
  causes: 'health.read',
  classify: 'repair.import',
  calibration: 'health.read',
  stops: 'health.read',
};

/** Events are taken when a message says that there are some; this is for those whose message was lost with the process. */
const lookEveryMs = 10_000;

/** Work on a file: an alarm doesn't wait for it. */
const fileCommands: ReadonlySet<string> = new Set(['import', 'import-preview', 'import-undo']);

/** Answers that are a page with its total beside the rows. */
const pages: ReadonlySet<string> = new Set(['stops']);

export default function (RED: NodeAPI): void {
  function RepairEstimate(this: Node, config: Properties) {
    RED.nodes.createNode(this, config);
    const zone = settingsOrRefusal(this, () => zoneOf(config.timeZone), 'warn');
    const work = new SerialWork();
    /** Apart from the rest: an alarm doesn't wait for a file. */
    const imports = new SerialWork();
    let opening: Promise<OpenRepair> | undefined;
    const repair = (): Promise<OpenRepair> => {
      opening ??= opened(RED, config.store, zone);
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    };

    onCommand(this, async (input, send) => {
      if (input.topic === 'health/alarm') {
        await authorise(input, 'repair.estimate');
        const alarm = parseAlarm(input.payload);
        const estimate = await work.run(async () => (await repair()).room.estimateAlarm(alarm));
        if (!estimate) return;
        input.topic = 'health/estimate';
        input.payload = estimate;
        send([input, null]);
        this.status({ fill: 'green', shape: 'dot', text: statusText(`${Math.round(estimate.mean_minutes)} min`) });
        return;
      }
      if (input.topic === 'production/event') {
        await authorise(input, 'repair.record');
        const event = parseEvent(input.payload);
        await work.run(async () => (await repair()).room.takeEvent(event));
        return;
      }
      await authoriseNamed(input, actions, 'health.read');
      const command = parseRepairCommand(withFile(input));
      const resource = 'machine' in command && command.machine !== undefined ? { machine: command.machine } : {};
      const actor = (await authorise(input, actions[command.command], resource)) ?? senderOf(input);
      const tell = (progress: ImportProgress) => {
        this.status({ fill: 'blue', shape: 'dot', text: statusText(`${progress.percent} %`) });
        tellProgress(send, RED.util.generateId(), progress);
      };
      const payload = await (fileCommands.has(command.command) ? imports : work).run(async () =>
        answer(await repair(), command, actor, tell),
      );
      input.topic = `repair/${command.command}`;
      if (input.res === undefined) input.payload = payload;
      else Object.assign(input, successReply(pages.has(command.command) ? (payload as object) : { data: payload }));
      send([input, null]);
      this.status({ fill: 'green', shape: 'dot', text: statusText(command.command) });
    });
    let cancelLook = () => {};
    let faulty = false;
    /** Takes what a crash, or a time without this node, kept from it; alarms and questions come between. */
    const look = async () => {
      while (!work.closed && (await work.run(async () => (await repair()).room.follow()))) await setImmediate();
    };
    const looking = () => {
      const again = () => {
        if (!work.closed) cancelLook = systemClock.after(lookEveryMs, looking);
      };
      look().then(
        () => {
          faulty = false;
          again();
        },
        (thrown: unknown) => {
          // Said once, not at every look.
          if (!faulty && !work.closed) this.error(asError(thrown).message);
          faulty = true;
          again();
        },
      );
    };
    const forget = !(zone instanceof ShopfloorError) && config.store ? onFlowsStarted(RED.events, looking) : () => {};
    this.on('close', (done: () => void) => {
      forget();
      cancelLook();
      Promise.all([work.close(), imports.close()]).then(
        () => done(),
        () => done(),
      );
    });
  }
  RED.nodes.registerType('repair-estimate', RepairEstimate);
}

function tellProgress(send: Send, id: string, payload: ImportProgress): void {
  const message: WireMessage = { _msgid: id, topic: 'repair/progress', payload };
  send([null, message]);
}

async function answer(
  { room, store }: OpenRepair,
  command: RepairCommand,
  actor: ReturnType<typeof senderOf>,
  onProgress: (progress: ImportProgress) => void,
): Promise<unknown> {
  switch (command.command) {
    case 'estimate':
      return room.estimate(command);
    case 'finished':
      return room.finished(command);
    case 'import':
      return room.import(command, actor, onProgress);
    case 'import-preview':
      return room.previewImport(command);
    case 'import-undo':
      return room.undoImport(command.id, actor);
    case 'imports':
      return store.imports.list(command.limit ?? 50, command.offset ?? 0);
    case 'import-report': {
      const report = await store.imports.report(command.id, command.limit ?? 50, command.offset ?? 0);
      if (!report) throw unknownImport(command.id);
      return report;
    }
    case 'causes':
      return store.causes.list();
    case 'classify':
      return room.classify(command.cause, command.class as StopClass, actor);
    case 'calibration':
      return room.calibration();
    case 'stops':
      return store.history.stops(command);
  }
}

async function opened(RED: NodeAPI, storeId: string | undefined, zone: string | ShopfloorError): Promise<OpenRepair> {
  if (zone instanceof ShopfloorError) throw zone;
  const storeNode = storeNodeOf(RED.nodes.getNode(storeId ?? ''));
  if (!storeNode) {
    throw new ShopfloorError('store-missing', 503, 'This repair-estimate node has no store.', {
      hint: 'Choose a shopfloor-store in its settings and deploy.',
    });
  }
  return openRepair(await storeNode.ready(), zone);
}

/** Throws InvalidInput for a name that no zone has. */
function zoneOf(given: string | undefined): string {
  const zone = settingText(given) || process.env.TZ_PLANT?.trim() || 'Asia/Jakarta';
  try {
    return plantTimeOf(zone).zone;
  } catch {
    const message = `"${zone}" is no time zone such as Asia/Jakarta`;
    throw new InvalidInput([{ field: 'timeZone', message }], 'The setting of repair-estimate');
  }
}
