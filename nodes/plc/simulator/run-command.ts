// Carries out one command on a simulated PLC and says how it stands.
import type { SimulatorCommand } from './commands.ts';
import type { Delivery } from './mill-messages.ts';
import type { PlcSimulator } from './plc-simulator.ts';

/** Reply of the plc-simulator node to every command. */
export interface SimulatorStatus {
  readonly port: number;
  readonly connections: number;
  readonly requests: number;
  /** No batch runs and none waits. */
  readonly idle: boolean;
  /** The guard word as it is in memory. */
  readonly guard: number;
  /** With `deliveries` only: every run since the simulator was started. */
  readonly deliveries?: readonly Delivery[];
}

export async function runSimulatorCommand(
  simulator: PlcSimulator,
  command: SimulatorCommand,
): Promise<SimulatorStatus> {
  const { mill, server } = simulator;
  switch (command.command) {
    case 'fail':
      mill.failBatch(command.slot);
      break;
    case 'flicker-failed':
      mill.flickerFailedFlag(command.seconds);
      break;
    case 'stall':
      mill.stall(command.seconds);
      break;
    case 'resume':
      mill.resume();
      break;
    case 'garble':
      mill.garble(command.slot, command.reads);
      break;
    case 'link':
      await server.inject(command.fault);
      break;
    case 'clear-faults':
      mill.clearGarbling();
      server.clearFaults();
      await server.start();
      break;
    case 'status':
    case 'deliveries':
      break;
  }
  return {
    port: server.port,
    connections: server.connectionCount,
    requests: server.requestCount,
    idle: mill.isIdle,
    guard: simulator.memory.words[simulator.map.guardAddress] ?? 0,
    ...(command.command === 'deliveries' && { deliveries: mill.deliveries }),
  };
}
