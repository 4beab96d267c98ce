// What an engineer may ask of a running odoo-simulator: its state, an order, a fault, to go away and come back.
import { InvalidInput } from '../../core/errors.ts';
import { type LinkFault, linkFaultKinds } from './link-faults.ts';
import type { OdooSimulator, SimulatedOrder } from './odoo-simulator.ts';

export type SimulatorCommand =
  | { readonly command: 'status' | 'clear-faults' | 'go-away' | 'come-back' }
  | { readonly command: 'order'; readonly feed?: number; readonly quantityKg?: number }
  | { readonly command: 'fault'; readonly fault: LinkFault };

export interface SimulatorStatus {
  readonly url: string;
  readonly series: number;
  /** Number of orders by state. */
  readonly orders: Readonly<Record<string, number>>;
  /** The newest orders, newest first. */
  readonly newest: ReadonlyArray<Pick<SimulatedOrder, 'id' | 'name' | 'state' | 'closedTimes'>>;
  readonly calls: Readonly<Record<string, number>>;
}

export function parseSimulatorCommand(payload: unknown): SimulatorCommand {
  const fields = typeof payload === 'object' && payload !== null ? (payload as Readonly<Record<string, unknown>>) : {};
  const refuse = (field: string, message: string) =>
    new InvalidInput([{ field: `payload.${field}`, message }], 'The command');
  switch (fields.command) {
    case 'status':
    case 'clear-faults':
    case 'go-away':
    case 'come-back':
      return { command: fields.command };
    case 'order': {
      const { feed, quantityKg } = fields;
      if (feed !== undefined && !(Number.isInteger(feed) && Number(feed) >= 0))
        throw refuse('feed', 'must be 0, 1, 2 ...');
      if (quantityKg !== undefined && !(Number(quantityKg) > 0)) throw refuse('quantityKg', 'must be above 0');
      return {
        command: 'order',
        ...(feed !== undefined && { feed: Number(feed) }),
        ...(quantityKg !== undefined && { quantityKg: Number(quantityKg) }),
      };
    }
    case 'fault':
      return { command: 'fault', fault: parseFault(fields.fault, refuse) };
    default:
      throw refuse('command', 'must be status, order, fault, clear-faults, go-away or come-back');
  }
}

function parseFault(value: unknown, refuse: (field: string, message: string) => InvalidInput): LinkFault {
  const fault = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const kind = linkFaultKinds.find((known) => known === fault.kind);
  if (!kind) throw refuse('fault.kind', `must be one of ${linkFaultKinds.join(', ')}`);
  const isLate = kind === 'late-reply' || kind === 'late-commit';
  if (isLate && !(Number(fault.delayMs) >= 0)) throw refuse('fault.delayMs', 'must be milliseconds');
  if (kind === 'refusal' && typeof fault.message !== 'string') throw refuse('fault.message', 'must be a text');
  if (fault.method !== undefined && typeof fault.method !== 'string') throw refuse('fault.method', 'must be a text');
  if (fault.times !== undefined && !(Number(fault.times) >= 1)) throw refuse('fault.times', 'must be 1 or more');
  return { ...fault, kind } as LinkFault;
}

export async function runSimulatorCommand(odoo: OdooSimulator, command: SimulatorCommand): Promise<SimulatorStatus> {
  switch (command.command) {
    case 'order':
      if (command.feed === undefined && command.quantityKg === undefined) odoo.generateOrder();
      else odoo.createOrder(command);
      break;
    case 'fault':
      odoo.fault(command.fault);
      break;
    case 'clear-faults':
      odoo.clearFaults();
      break;
    case 'go-away':
      await odoo.stop();
      break;
    case 'come-back':
      await odoo.start();
      break;
    case 'status':
      break;
  }
  const orders = [...odoo.db.productions.values()];
  const states = [...new Set(orders.map(({ state }) => state))];
  return {
    url: odoo.url,
    series: odoo.series,
    orders: Object.fromEntries(states.map((state) => [state, orders.filter((order) => order.state === state).length])),
    newest: orders
      .slice(-10)
      .reverse()
      .map(({ id, name, state, closedTimes }) => ({ id, name, state, closedTimes })),
    calls: Object.fromEntries(odoo.calls),
  };
}
