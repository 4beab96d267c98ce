// Node equipment-failures: what the PLC reports as failed, stored once, told, and acknowledged by a person.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise } from '../access/actor.ts';
import type { Actor } from '../core/actor.ts';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText, type WireMessage } from '../core/command-input.ts';
import { SettingsRefused, ShopfloorError } from '../core/errors.ts';
import { successReply } from '../core/http-envelope.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { storeNodeOf } from '../store/connection-contract.ts';
import { parseEquipmentCommand } from './command-parser.ts';
import { equipmentActions } from './equipment-actions.ts';
import { type EquipmentProperties, type EquipmentSettings, parseEquipmentSettings } from './equipment-settings.ts';
import { FailureBook } from './failure-book.ts';

interface Properties extends NodeDef, EquipmentProperties {
  /** Id of the shopfloor-store config node. */
  store?: string;
}

export default function (RED: NodeAPI): void {
  function EquipmentFailures(this: Node, config: Properties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => parseEquipmentSettings(config, process.env));
    let opening: Promise<FailureBook> | undefined;
    let lastingTold = false;
    const book = (): Promise<FailureBook> => {
      opening ??= opened(RED, config.store, settings);
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    };

    onCommand(this, async (message, send) => {
      const command = parseEquipmentCommand(message.payload);
      const actor = (await authorise(message, equipmentActions[command.command])) ?? flowActor;
      const open = await book();
      // What lasts from before this process is told again, since its end may have kept it from being told; its key makes it one notice.
      const lasting = command.command === 'take' && !lastingTold ? await open.lastingAlarms() : [];
      const { payload, events, alarms } = await open.execute(command, actor);
      if (command.command === 'take') lastingTold = true;
      message.topic = `equipment/${command.command}`;
      if (message.res !== undefined && (command.command === 'list' || command.command === 'acknowledge')) {
        Object.assign(message, successReply(command.command === 'list' ? (payload as object) : { data: payload }));
      } else message.payload = payload;
      const about =
        (topic: string) =>
        (item: unknown): WireMessage => ({
          _msgid: RED.util.generateId(),
          topic,
          payload: item,
        });
      send([
        message,
        events.map(about('equipment/event')),
        [...lasting, ...alarms].map(about('equipment/alarm')),
      ] as never);
      const text =
        events.length > 0 ? RED._(`equipment-failures.status.${events[0]?.type ?? 'failure'}`) : command.command;
      this.status({ fill: events[0]?.type === 'failure' ? 'red' : 'green', shape: 'dot', text: statusText(text) });
    });
    this.on('close', (done: () => void) => {
      opening = undefined;
      done();
    });
  }
  RED.nodes.registerType('equipment-failures', EquipmentFailures);
}

const flowActor: Actor = { name: 'flow', via: 'flow' };

async function opened(
  RED: NodeAPI,
  storeId: string | undefined,
  settings: EquipmentSettings | SettingsRefused,
): Promise<FailureBook> {
  if (settings instanceof SettingsRefused) throw settings;
  const storeNode = storeNodeOf(RED.nodes.getNode(storeId ?? ''));
  if (!storeNode) {
    throw new ShopfloorError('store-missing', 503, 'This equipment-failures node has no store.', {
      hint: 'Choose a shopfloor-store in its settings and deploy.',
    });
  }
  return FailureBook.open(await storeNode.ready(), settings, systemClock);
}
