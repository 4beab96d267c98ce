// Words through modbus-serial: its callbacks as promises, its errors as ours, every answer compared with its request.
import { createRequire } from 'node:module';
import type { ModbusRTU } from 'modbus-serial/ModbusRTU.js';
import { PlcLinkError } from '../plc-link.ts';

/** The package is CommonJS whose constructor the type declarations put in another place than Node does. */
const Client: new (port: object) => ModbusRTU = createRequire(import.meta.url)('modbus-serial');

/** modbus-serial over one port. The unit number and the shape of each answer are checked; deadlines are the link's. */
export class ModbusClient {
  readonly #client: ModbusRTU;
  readonly #unit: number;

  /** @param port a modbus-serial port plug-in that lives for one connection */
  constructor(port: object, unit: number) {
    this.#client = new Client(port);
    this.#unit = unit;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.open((error?: Error | null) => (error ? reject(error) : resolve()));
    });
  }

  readWords(address: number, count: number): Promise<Uint16Array> {
    return new Promise((resolve, reject) => {
      this.#client.writeFC3(this.#unit, address, count, (error, answer) => {
        if (error) reject(toLinkError(error));
        else if (answer.buffer.length !== 2 * count) {
          // modbus-serial checks the length of the frame, but believes the byte count in it.
          reject(new PlcLinkError('protocol', `The PLC answered ${answer.buffer.length} bytes for ${count} words.`));
        } else resolve(wordsOf(answer.buffer, count));
      });
    });
  }

  writeWords(address: number, words: Uint16Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.writeFC16(this.#unit, address, [...words], (error, echo) => {
        if (error) reject(toLinkError(error));
        else if (echo.address !== address || echo.length !== words.length) {
          const claim = `${echo.length} words at ${echo.address} instead of ${words.length} at ${address}`;
          reject(new PlcLinkError('protocol', `The PLC confirmed ${claim}.`));
        } else resolve();
      });
    });
  }
}

/** Words from their bytes, high byte first. A loop: making a typed array from an array takes four times as long. */
function wordsOf(bytes: Buffer, count: number): Uint16Array {
  const words = new Uint16Array(count);
  for (let index = 0; index < count; index += 1) words[index] = bytes.readUInt16BE(2 * index);
  return words;
}

/** An exception code of the PLC is an answer ("refused"); everything else that modbus-serial reports is a malformed one. */
function toLinkError(error: Error): PlcLinkError {
  if (error instanceof PlcLinkError) return error;
  const code = 'modbusCode' in error ? error.modbusCode : undefined;
  if (typeof code !== 'number') {
    const [, asked, unit] = otherUnit.exec(error.message) ?? [];
    if (unit !== undefined) {
      return new PlcLinkError('protocol', `Unit ${unit} answered a question to unit ${asked}.`, {
        cause: error,
        hint: otherUnitRemedy(Number(unit)),
      });
    }
    return new PlcLinkError('protocol', `The answer is not one: ${error.message}.`, { cause: error });
  }
  return new PlcLinkError('refused', `The PLC refused: ${error.message}.`, {
    cause: error,
    hint: hints.get(code) ?? '',
  });
}

/** The remedy where a station answered a question to another one. */
export function otherUnitRemedy(unit: number): string {
  return `Unit ${unit} answers here: write unit=${unit} in the connection’s URL, or ask which device has that number.`;
}

/** The words of modbus-serial for an answer of another station. */
const otherUnit = /expected address (\d+) got (\d+)/;

/** Mapped by Modbus exception code. */
const hints: ReadonlyMap<number, string> = new Map([
  [1, 'Check that the PLC allows this function: reading is 3, writing is 16.'],
  [2, 'Check the address preset and offset of the connection.'],
  [3, 'Check the words per request of the connection; this PLC may take fewer.'],
  [6, 'The PLC is busy; poll less often.'],
  [10, 'Check the gateway’s route to this unit.'],
  [11, 'Check that the device behind the gateway runs and that the unit number is its own.'],
]);
