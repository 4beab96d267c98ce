// The serial device as this folder needs it, opened through the serialport package that modbus-serial brings.
import { createRequire } from 'node:module';
import { PlcLinkError } from '../plc-link.ts';
import type { ModbusRtuEndpoint } from './plc-url.ts';

/** The part of a serialport object that is used. */
export interface SerialLine {
  readonly isOpen: boolean;
  open(callback: (error?: Error | null) => void): void;
  close(callback: (error?: Error | null) => void): void;
  flush(callback: (error?: Error | null) => void): void;
  write(bytes: Buffer): boolean;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: (reason?: Error | null) => void): unknown;
}

type SerialPortConstructor = new (options: {
  path: string;
  baudRate: number;
  dataBits: 8;
  parity: string;
  stopBits: 1 | 2;
  autoOpen: false;
}) => SerialLine;

/** A closed line with the settings of the endpoint. Throws PlcLinkError when serialport was not installed. */
export function serialLine({ path, baud, parity, stopBits }: ModbusRtuEndpoint): SerialLine {
  const SerialPort = serialPortConstructor();
  return new SerialPort({ path, baudRate: baud, dataBits: 8, parity, stopBits, autoOpen: false });
}

function serialPortConstructor(): SerialPortConstructor {
  try {
    // Found from modbus-serial's own place: package managers that do not hoist put it there only.
    const modbusSerial = createRequire(import.meta.url).resolve('modbus-serial');
    const { SerialPort }: { SerialPort: SerialPortConstructor } = createRequire(modbusSerial)('serialport');
    return SerialPort;
  } catch (cause) {
    throw new PlcLinkError('disconnected', 'The serialport package, which Modbus RTU needs, is not installed.', {
      hint: 'Run npm install serialport in the Node-RED user directory.',
      cause,
    });
  }
}
