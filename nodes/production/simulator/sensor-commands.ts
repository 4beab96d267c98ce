// What an engineer may ask of a running sensor-simulator: its truth, a fault, a stop, single intervals, to pause and go on.
import { FieldReader } from '../../core/field-reader.ts';
import { lineFaults } from './faulty-line.ts';
import { stopStates } from './simulated-machine.ts';
import type { PlantTruth, SimulatedPlant } from './simulated-plant.ts';

const commands = ['status', 'fault', 'clear-faults', 'stop', 'run', 'tick', 'flush', 'pause', 'resume'] as const;

/** Runs one command and answers with what the plant has truly made. Throws InvalidInput with the fields at fault. */
export async function runSensorCommand(plant: SimulatedPlant, payload: unknown): Promise<PlantTruth> {
  const reader = new FieldReader(payload);
  const command = reader.oneOf('command', commands);
  const machine = reader.has('machine') ? reader.words('machine', 64) : undefined;
  const times = reader.has('times') ? reader.count('times', 1, 100_000) : 1;
  const fault = command === 'fault' ? reader.oneOf('fault', lineFaults) : lineFaults[0];
  const state = command === 'stop' && reader.has('state') ? reader.oneOf('state', stopStates) : 'error';
  const seconds = reader.has('seconds') ? reader.count('seconds', 1, 86_400) : 300;
  const reason = reader.has('reason') ? reader.words('reason', 64) : undefined;
  reader.finish('The command');
  switch (command) {
    case 'fault':
      plant.order(fault, times, machine);
      break;
    case 'clear-faults':
      plant.clearFaults();
      break;
    case 'stop':
      plant.stopMachine(state, seconds * 1000, machine, reason);
      break;
    case 'run':
      plant.runMachine(machine);
      break;
    case 'tick':
      await plant.tick(times);
      break;
    case 'flush':
      await plant.flush();
      break;
    case 'pause':
      plant.stop();
      break;
    case 'resume':
      plant.start();
      break;
    case 'status':
      break;
  }
  return plant.truth();
}
