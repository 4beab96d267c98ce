// Node sensor-simulator: machines that don't exist send the status messages of the original plant to a real broker.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText } from '../core/command-input.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import { openMqttPublisher } from './simulator/mqtt-publisher.ts';
import { runSensorCommand } from './simulator/sensor-commands.ts';
import { parseSensorSettings, type SensorProperties, type SensorSettings } from './simulator/sensor-settings.ts';
import { SimulatedPlant } from './simulator/simulated-plant.ts';

export default function (RED: NodeAPI): void {
  function SensorSimulator(this: Node, config: NodeDef & SensorProperties) {
    RED.nodes.createNode(this, config);
    const show = (fill: 'red' | 'green' | 'grey' | 'yellow', key: string, values: Record<string, number> = {}) =>
      this.status({ fill, shape: 'dot', text: statusText(RED._(`sensor-simulator.status.${key}`, values)) });
    const settings = settingsOf(this);
    const opened = settings && open(settings);

    onCommand(this, async (message, send) => {
      if (!opened) {
        throw new ShopfloorError('sensor-simulator-off', 503, 'The sensor simulator is off.', {
          hint: 'Give it the URL of a broker, or let real machines send.',
        });
      }
      const payload = await runSensorCommand(opened.plant, message.payload);
      send(Object.assign(message, { topic: 'sensor-simulator/status', payload }));
    });
    this.on('close', (done: (error?: Error) => void) => {
      opened?.plant.stop();
      Promise.resolve(opened?.publisher.close()).then(
        () => done(),
        (error: unknown) => done(asError(error)),
      );
    });

    function settingsOf(node: Node): SensorSettings | undefined {
      try {
        const parsed = parseSensorSettings(config);
        if (!parsed) show('grey', 'off');
        return parsed;
      } catch (error) {
        show('red', 'settings');
        node.error(asError(error).message);
        return undefined;
      }
    }

    function open(parsed: SensorSettings) {
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
}
