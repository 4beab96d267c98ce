// What a Modbus server answers to one request: functions 3, 4, 6 and 16, and the exceptions of the application protocol.

/** Words by D-address; undefined or false where the PLC has no such words. */
export interface WordStore {
  read(address: number, count: number): Uint16Array | undefined;
  write(address: number, words: Uint16Array): boolean;
}

export interface Answer {
  readonly pdu: Buffer;
  readonly isWrite: boolean;
}

const illegalFunction = 1;
const illegalAddress = 2;
const illegalValue = 3;

/**
 * The answer to the request `pdu` (function code first), as Modbus application protocol 1.1b3 lays it down: quantity
 * checked before the address, at most 125 words in a read and 123 in a write.
 * @param wireOffset what the wire address is above the D-address
 */
export function answerRequest(pdu: Buffer, store: WordStore, wireOffset: number): Answer {
  const code = pdu[0] ?? 0;
  if (code === 3 || code === 4) return { pdu: readWords(code, pdu, store, wireOffset), isWrite: false };
  if (code === 6) return { pdu: writeOne(pdu, store, wireOffset), isWrite: true };
  if (code === 16) return { pdu: writeMany(pdu, store, wireOffset), isWrite: true };
  return { pdu: exception(code, illegalFunction), isWrite: false };
}

/** An exception answer: function code with its top bit set, and the reason. */
export function exception(functionCode: number, reason: number): Buffer {
  return Buffer.from([functionCode | 0x80, reason]);
}

function readWords(code: number, pdu: Buffer, store: WordStore, wireOffset: number): Buffer {
  if (pdu.length !== 5) return exception(code, illegalValue);
  const count = pdu.readUInt16BE(3);
  if (count < 1 || count > 125) return exception(code, illegalValue);
  const words = store.read(pdu.readUInt16BE(1) - wireOffset, count);
  if (!words) return exception(code, illegalAddress);
  const answer = Buffer.allocUnsafe(2 + count * 2);
  answer[0] = code;
  answer[1] = count * 2;
  for (let index = 0; index < count; index++) answer.writeUInt16BE(words[index] ?? 0, 2 + index * 2);
  return answer;
}

function writeOne(pdu: Buffer, store: WordStore, wireOffset: number): Buffer {
  if (pdu.length !== 5) return exception(6, illegalValue);
  const written = store.write(pdu.readUInt16BE(1) - wireOffset, Uint16Array.of(pdu.readUInt16BE(3)));
  return written ? pdu : exception(6, illegalAddress);
}

function writeMany(pdu: Buffer, store: WordStore, wireOffset: number): Buffer {
  if (pdu.length < 6) return exception(16, illegalValue);
  const count = pdu.readUInt16BE(3);
  if (count < 1 || count > 123 || pdu[5] !== count * 2 || pdu.length !== 6 + count * 2) {
    return exception(16, illegalValue);
  }
  const words = Uint16Array.from({ length: count }, (_, index) => pdu.readUInt16BE(6 + index * 2));
  return store.write(pdu.readUInt16BE(1) - wireOffset, words) ? pdu.subarray(0, 5) : exception(16, illegalAddress);
}
