// Node ctp-problem-log: machines, problems and downtime of a department; one command in, its answer, events and notices out.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise } from '../access/actor.ts';
import { onCommand, statusText } from '../core/command-input.ts';
import { ShopfloorError } from '../core/errors.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { shiftCalendarNodeOf } from '../production/calendar-contract.ts';
import { storeNodeOf } from '../store/connection-contract.ts';
import { ctpCommandName, parseCtpCommand } from './command-parser.ts';
import { ctpActions } from './ctp-actions.ts';
import { type CtpProperties, parseCtpSettings } from './ctp-settings.ts';
import { askerOf, commandIn, sendReply, uploadsIn } from './log-message.ts';
import type { LogSettings } from './log-parts.ts';
import { sharedProblemLog } from './open-log.ts';
import type { ProblemLog } from './problem-log.ts';

interface Properties extends NodeDef, CtpProperties {
  /** Id of the shopfloor-store config node. */
  store?: string;
  /** Id of a shift-calendar config node; none: all time is planned. */
  calendar?: string;
}

export default function (RED: NodeAPI): void {
  function CtpProblemLog(this: Node, config: Properties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => parseCtpSettings(config), 'warn');
    onCommand(this, async (message, send) => {
      if (settings instanceof ShopfloorError) throw settings;
      const given = commandIn(message);
      await authorise(message, ctpActions[ctpCommandName(given)]);
      const command = parseCtpCommand(given, settings.plant);
      const log = await openLog(RED, config, settings);
      const reply = await log.execute(command, askerOf(message), uploadsIn(message));
      await sendReply(message, command.command, reply, send, () => RED.util.generateId());
      if (reply.fault) throw reply.fault;
      this.status({ fill: 'green', shape: 'dot', text: statusText(command.command) });
    });
  }
  RED.nodes.registerType('ctp-problem-log', CtpProblemLog);
}

async function openLog(RED: NodeAPI, config: Properties, settings: LogSettings): Promise<ProblemLog> {
  const storeNode = storeNodeOf(RED.nodes.getNode(config.store ?? ''));
  if (!storeNode) {
    throw new ShopfloorError('store-missing', 503, 'This ctp-problem-log node has no store.', {
      hint: 'Choose a shopfloor-store in its settings and deploy.',
    });
  }
  const calendar = () => shiftCalendarNodeOf(RED.nodes.getNode(config.calendar ?? ''))?.calendar();
  const { plant, limits, notices } = settings;
  const key = JSON.stringify([plant.zone, limits, notices, config.calendar ?? '']);
  return sharedProblemLog(await storeNode.ready(), key, settings, calendar);
}
