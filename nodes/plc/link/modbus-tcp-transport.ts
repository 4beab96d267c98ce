// Modbus/TCP: one socket, answers matched by transaction id.
import type { PlcLinkError } from '../plc-link.ts';
import { MbapPort, transactionSlots } from './mbap-port.ts';
import { ModbusClient } from './modbus-client.ts';
import type { ModbusTcpEndpoint } from './plc-url.ts';
import type { Transport } from './transport.ts';

export class ModbusTcpTransport implements Transport {
  readonly maxInFlight = transactionSlots;
  readonly #port: MbapPort;
  readonly #client: ModbusClient;
  #onClosed: (reason: PlcLinkError) => void = () => undefined;

  constructor({ host, port, unit }: ModbusTcpEndpoint) {
    this.#port = new MbapPort({ host, port, onClosed: (reason) => this.#onClosed(reason) });
    this.#client = new ModbusClient(this.#port, unit);
  }

  open(): Promise<void> {
    return this.#client.open();
  }

  readWords(wireAddress: number, count: number): Promise<Uint16Array> {
    this.#port.takeSlot();
    return this.#client.readWords(wireAddress, count);
  }

  writeWords(wireAddress: number, words: Uint16Array): Promise<void> {
    this.#port.takeSlot();
    return this.#client.writeWords(wireAddress, words);
  }

  destroy(): Promise<void> {
    this.#port.destroy();
    return Promise.resolve();
  }

  onClosed(listener: (reason: PlcLinkError) => void): void {
    this.#onClosed = listener;
  }
}
