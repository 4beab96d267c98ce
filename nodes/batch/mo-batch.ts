// Node mo-batch: the batch ledger of one line; one command in, its answer, events and alarms out.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise, authoriseNamed } from '../access/actor.ts';
import { onCommand, statusText, type WireMessage } from '../core/command-input.ts';
import { ShopfloorError } from '../core/errors.ts';
import { successReply } from '../core/http-envelope.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { storeNodeOf } from '../store/connection-contract.ts';
import { batchActionOf, batchActions } from './batch-actions.ts';
import { parseBatchCommand } from './command-parser.ts';
import type { BatchLedger } from './ledger.ts';
import type { Actor } from './messages.ts';
import { type MoBatchProperties, parseMoBatchSettings } from './mo-batch-settings.ts';
import { openLedger } from './open-ledger.ts';
import { PushLeases } from './push-leases.ts';
import type { LedgerSettings } from './settings.ts';

interface Properties extends NodeDef, MoBatchProperties {
  /** Id of the shopfloor-store config node. */
  store?: string;
}

/** Answers that a flow routes on by `payload.command`; the others are replies, wrapped when a route waits for them. */
const stepCommands: ReadonlySet<string> = new Set([
  'begin-sync',
  'stage',
  'written',
  'observe',
  'due',
  'complete',
  'look',
  'looked',
  'peer-failed',
  'weigh',
  'weighed',
]);

/** One for the process: a flow may ask one mo-batch node for a push and give the answer to another. */
const leases = new PushLeases();

export default function (RED: NodeAPI): void {
  function MoBatch(this: Node, config: Properties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => parseMoBatchSettings(config), 'warn');
    let opening: Promise<BatchLedger> | undefined;
    let lastingTold = false;
    const ledger = (): Promise<BatchLedger> => {
      opening ??= opened(RED, config.store, settings);
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    };

    onCommand(this, async (message, send) => {
      await authoriseNamed(message, batchActions, 'batch.read');
      const command = parseBatchCommand(message.payload);
      const actor = (await authorise(message, batchActionOf(command))) ?? senderInFlow(message);
      const opened = await ledger();
      // What lasts from before this process is told again, since its end may have kept it from being told; its key makes it one notice.
      const lasting = command.command === 'health' && !lastingTold ? await opened.lastingAlarms() : [];
      const { payload, events, alarms } = await opened.execute(command, actor);
      if (command.command === 'health') lastingTold = true;
      message.topic = `batch/${command.command}`;
      if (message.res !== undefined && !stepCommands.has(command.command)) {
        const isPage = ['history', 'watched', 'weighings'].includes(command.command);
        Object.assign(message, successReply(isPage ? (payload as object) : { data: payload }));
      } else message.payload = payload;
      const about = (topic: string) => (item: unknown) => ({ _msgid: RED.util.generateId(), topic, payload: item });
      send([message, events.map(about('batch/event')), [...lasting, ...alarms].map(about('batch/alarm'))]);
      this.status({ fill: 'green', shape: isWatching(settings) ? 'ring' : 'dot', text: statusText(command.command) });
    });
    this.on('close', (done: () => void) => {
      opening = undefined;
      done();
    });
  }
  RED.nodes.registerType('mo-batch', MoBatch);
}

async function opened(
  RED: NodeAPI,
  storeId: string | undefined,
  settings: LedgerSettings | ShopfloorError,
): Promise<BatchLedger> {
  if (settings instanceof ShopfloorError) throw settings;
  const storeNode = storeNodeOf(RED.nodes.getNode(storeId ?? ''));
  if (!storeNode) {
    throw new ShopfloorError('store-missing', 503, 'This mo-batch node has no store.', {
      hint: 'Choose a shopfloor-store in its settings and deploy.',
    });
  }
  return openLedger(await storeNode.ready(), settings, { leases });
}

function isWatching(settings: LedgerSettings | ShopfloorError): boolean {
  return !(settings instanceof ShopfloorError) && settings.watchOnly;
}

/** Inside a flow: whom an earlier node of the flow names, or the flow itself. */
function senderInFlow(message: WireMessage): Actor {
  const { actor } = message;
  const named = typeof actor === 'object' && actor !== null && 'name' in actor && typeof actor.name === 'string';
  return { name: named && actor.name !== '' ? String(actor.name).slice(0, 100) : 'flow', via: 'flow' };
}
