// Carries out one command on a simulated PLC and says how it stands.
import { roundToCentiKg } from '../../core/mass.ts';
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
  /** After a report: how many failures and weighings wait until the one before is read. */
  readonly reports?: number;
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
    case 'report-failure':
      simulator.reports.reportFailure({
        code: command.equipment,
        info: command.info,
        happenedAt: simulator.wallClock(),
      });
      break;
    case 'report-weighing':
      simulator.reports.reportWeighing({
        slot: command.slot,
        moName: command.order,
        productId: command.product,
        massCentiKg: roundToCentiKg(command.kg),
      });
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
    ...(command.command.startsWith('report-') && { reports: simulator.reports.waiting }),
    guard: simulator.memory.words[simulator.map.guardAddress] ?? 0,
    ...(command.command === 'deliveries' && { deliveries: mill.deliveries }),
  };
}
