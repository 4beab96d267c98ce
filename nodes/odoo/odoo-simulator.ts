// Node odoo-simulator: a server that behaves as Odoo 15, 16, 17 or 19 was measured to, with orders of a feed mill.
import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText, type WireMessage } from '../core/command-input.ts';
import { asError, SettingsRefused, ShopfloorError } from '../core/errors.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { standInStarts } from '../core/stand-ins.ts';
import { parseSimulatorCommand, runSimulatorCommand } from './simulator/commands.ts';
import type { OrderEvent } from './simulator/manufacturing.ts';
import { OdooSimulator } from './simulator/odoo-simulator.ts';
import { startPlanner } from './simulator/planner.ts';
import {
  parseSimulatorSettings,
  type SimulatorProperties,
  type SimulatorSettings,
} from './simulator/simulator-settings.ts';
import { stateFile } from './simulator/state-file.ts';

export default function (RED: NodeAPI): void {
  function OdooSimulatorNode(this: Node, config: NodeDef & SimulatorProperties) {
    RED.nodes.createNode(this, config);
    const show = (fill: 'red' | 'green' | 'grey', key: string, values: Record<string, string | number> = {}) =>
      this.status({ fill, shape: 'dot', text: statusText(RED._(`odoo-simulator.status.${key}`, values)) });
    let stopPlanner = () => {};
    const opening = open(this);
    const odoo = opening instanceof SettingsRefused ? undefined : opening;

    onCommand(this, async (message, send) => {
      if (opening instanceof SettingsRefused) throw opening;
      if (!odoo) {
        throw new ShopfloorError('odoo-simulator-off', 503, 'The Odoo simulator is off.', {
          hint: 'Give it a port (0 takes a free one), or talk to the real Odoo.',
        });
      }
      const payload = await runSimulatorCommand(odoo, parseSimulatorCommand(message.payload));
      send([Object.assign(message, { topic: 'odoo-simulator/status', payload }), null]);
    });
    this.on('close', (done: (error?: Error) => void) => {
      stopPlanner();
      Promise.resolve(odoo?.stop()).then(
        () => done(),
        (error: unknown) => done(asError(error)),
      );
    });

    function open(node: Node): OdooSimulator | SettingsRefused | undefined {
      const settings = settingsOrRefusal(node, () => parseSimulatorSettings(config));
      if (settings instanceof SettingsRefused) return settings;
      if (settings) return start(node, settings);
      show('grey', 'off');
      return undefined;
    }

    function start(node: Node, settings: SimulatorSettings): OdooSimulator {
      const { series, keepOrders } = settings;
      const path = join(RED.settings.userDir ?? '.', `odoo-simulator-${node.id}-${series}.json`);
      const opened = new OdooSimulator({
        ...settings,
        ...(keepOrders && { stateFile: stateFile(path) }),
        onEvent: (event) => tell(node, event),
      });
      const starting = opened.start();
      standInStarts(starting);
      starting.then(
        (port) => {
          show('green', 'listening', { series, port });
          stopPlanner = startPlanner(opened, systemClock, settings, (fault) => node.warn(fault.message));
        },
        (error: unknown) => {
          show('red', 'port');
          node.error(RED._('odoo-simulator.error.port', { port: settings.port, reason: asError(error).message }));
        },
      );
      return opened;
    }

    function tell(node: Node, event: OrderEvent): void {
      const message: WireMessage = {
        _msgid: RED.util.generateId(),
        topic: `odoo-simulator/${event.event}`,
        payload: event,
      };
      node.send([null, message]);
    }
  }
  RED.nodes.registerType('odoo-simulator', OdooSimulatorNode);
}
