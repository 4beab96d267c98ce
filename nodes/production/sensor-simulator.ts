// Node sensor-simulator: machines that don't exist send the status messages of the original plant to a real broker.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText, type WireMessage } from '../core/command-input.ts';
import { asError, SettingsRefused, ShopfloorError } from '../core/errors.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { openMqttPublisher } from './simulator/mqtt-publisher.ts';
import { runSensorCommand } from './simulator/sensor-commands.ts';
import {
  inFlow,
  parseSensorSettings,
  type SensorProperties,
  type SensorSettings,
} from './simulator/sensor-settings.ts';
import { SimulatedPlant, type StatusPublisher } from './simulator/simulated-plant.ts';

export default function (RED: NodeAPI): void {
  function SensorSimulator(this: Node, config: NodeDef & SensorProperties) {
    RED.nodes.createNode(this, config);
    const show = (fill: 'red' | 'green' | 'grey' | 'yellow', key: string, values: Record<string, number> = {}) =>
      this.status({ fill, shape: 'dot', text: statusText(RED._(`sensor-simulator.status.${key}`, values)) });
    const settings = settingsOrRefusal(this, () => parseSensorSettings(config));
    const opened = settings === undefined || settings instanceof SettingsRefused ? undefined : open(this, settings);
    if (settings === undefined) show('grey', 'off');

    onCommand(this, async (message, send) => {
      if (settings instanceof SettingsRefused) throw settings;
      if (!opened) {
        throw new ShopfloorError('sensor-simulator-off', 503, 'The sensor simulator is off.', {
          hint: 'Give it the URL of a broker, or let real machines send.',
        });
      }
      const payload = await runSensorCommand(opened.plant, message.payload);
      send([Object.assign(message, { topic: 'sensor-simulator/status', payload }), null]);
    });
    this.on('close', (done: (error?: Error) => void) => {
      opened?.plant.stop();
      Promise.resolve(opened?.publisher?.close()).then(
        () => done(),
        (error: unknown) => done(asError(error)),
      );
    });

    function open(node: Node, parsed: SensorSettings) {
      if (parsed.url === inFlow) {
        const plant = new SimulatedPlant(parsed, systemClock, flowPublisher(node));
        show('green', 'sending', { machines: parsed.machines.length });
        plant.start();
        return { plant, publisher: undefined };
      }
      const publisher = openMqttPublisher(parsed.url, (connected) => {
        if (connected) {
          show('green', 'sending', { machines: parsed.machines.length });
          plant.start();
        } else show('yellow', 'waiting');
      });
      const plant = new SimulatedPlant(parsed, systemClock, publisher);
      return { plant, publisher };
    }
  }
  RED.nodes.registerType('sensor-simulator', SensorSimulator);

  /** Without a broker each message leaves by the second output, as an mqtt-in node would have sent it. */
  function flowPublisher(node: Node): StatusPublisher {
    return {
      publish: async (topic, payload) =>
        node.send([null, { _msgid: RED.util.generateId(), topic, payload } as WireMessage]),
    };
  }
}
