// Node plc-simulator: a Modbus TCP server with a simulated feed mill behind it, faults on demand.
import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { onCommand, statusText, type WireMessage } from '../core/command-input.ts';
import { asError, SettingsRefused, ShopfloorError } from '../core/errors.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { standInStarts } from '../core/stand-ins.ts';
import { parseSimulatorCommand } from './simulator/commands.ts';
import type { FeedMillEvent } from './simulator/mill-messages.ts';
import { PlcSimulator } from './simulator/plc-simulator.ts';
import { runSimulatorCommand } from './simulator/run-command.ts';
import {
  parseSimulatorSettings,
  type SimulatorProperties,
  type SimulatorSettings,
} from './simulator/simulator-settings.ts';
import { stateFile } from './simulator/state-file.ts';

export default function (RED: NodeAPI): void {
  function PlcSimulatorNode(this: Node, config: NodeDef & SimulatorProperties) {
    RED.nodes.createNode(this, config);
    const show = (
      fill: 'red' | 'green' | 'grey' | 'blue',
      key: string,
      values: Record<string, string | number> = {},
    ): void => this.status({ fill, shape: 'dot', text: statusText(RED._(`plc-simulator.status.${key}`, values)) });
    const opened = open(this);
    const simulator = opened instanceof SettingsRefused ? undefined : opened;

    onCommand(this, async (message, send) => {
      if (opened instanceof SettingsRefused) throw opened;
      if (!simulator) {
        throw new ShopfloorError('plc-simulator-off', 503, 'The PLC simulator is off.', {
          hint: 'Give it a port (0 takes a free one), or talk to the real PLC.',
        });
      }
      const payload = await runSimulatorCommand(
        simulator,
        parseSimulatorCommand(message.payload, simulator.map.slotCount),
      );
      send([Object.assign(message, { topic: 'plc-simulator/status', payload }), null]);
    });
    this.on('close', (done: (error?: Error) => void) => {
      Promise.resolve(simulator?.stop()).then(
        () => done(),
        (error: unknown) => done(asError(error)),
      );
    });

    function open(node: Node): PlcSimulator | SettingsRefused | undefined {
      const settings = settingsOrRefusal(node, () => parseSimulatorSettings(config));
      if (settings instanceof SettingsRefused) return settings;
      if (settings) return start(node, settings);
      show('grey', 'off');
      return undefined;
    }

    function start(node: Node, settings: SimulatorSettings): PlcSimulator {
      const { keepMemory, ...options } = settings;
      const opened = new PlcSimulator({
        ...options,
        timeZone: process.env.TZ_PLANT || 'Asia/Jakarta',
        ...(keepMemory && { stateFile: stateFile(join(RED.settings.userDir ?? '.', `plc-simulator-${node.id}.json`)) }),
        onStateError: (error) => node.warn(asError(error).message),
        onEvent: (event) => tell(node, event),
      });
      const starting = opened.start();
      standInStarts(starting);
      starting.then(
        (port) => show('green', 'listening', { port }),
        (error: unknown) => {
          show('red', 'port');
          node.error(RED._('plc-simulator.error.port', { port: settings.server.port, reason: asError(error).message }));
        },
      );
      return opened;
    }

    function tell(node: Node, event: FeedMillEvent): void {
      const message: WireMessage = {
        _msgid: RED.util.generateId(),
        topic: `plc-simulator/${event.event}`,
        payload: event,
      };
      node.send([null, message]);
      if ('slot' in event) show(event.event === 'batch-failed' ? 'red' : 'green', event.event, { slot: event.slot });
      else show(event.event === 'stalled' ? 'blue' : 'green', event.event);
    }
  }
  RED.nodes.registerType('plc-simulator', PlcSimulatorNode);
}
