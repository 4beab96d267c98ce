// What reaches the PLC nodes is narrowed once, and every fault is named.
import assert from 'node:assert/strict';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { parseReadCommand, parseWriteCommand } from '../../nodes/plc/plc-commands.ts';
import { batchOf, queueOf } from './support/queues.ts';

function refused(run: () => unknown, fields: readonly string[]): void {
  assert.throws(run, (error: unknown) => {
    assert(error instanceof InvalidInput, String(error));
    assert.deepEqual(
      error.fields.map(({ field }) => field),
      fields,
    );
    return true;
  });
}

describe('a message for plc-batch-read', () => {
  it('reads unless it says otherwise', () => {
    for (const payload of [undefined, null, 1_700_000_000, '', [], {}, { command: 'read' }]) {
      assert.deepEqual(parseReadCommand(payload), { command: 'read' });
    }
  });

  it('acknowledges the blocks it names', () => {
    const command = { command: 'acknowledge', blocks: [{ slot: 1, moName: 'WH/MO/00001' }] };
    assert.deepEqual(parseReadCommand(command), command);
  });

  it('is refused with every field at fault', () => {
    refused(() => parseReadCommand({ command: 'erase' }), ['payload.command']);
    refused(() => parseReadCommand({ command: 'acknowledge' }), ['blocks']);
    refused(
      () => parseReadCommand({ command: 'acknowledge', blocks: [{ slot: '1' }] }),
      ['blocks[0].slot', 'blocks[0].moName'],
    );
    refused(() => parseReadCommand({ command: 'acknowledge', blocks: [7] }), ['blocks[0]']);
  });
});

describe('a message for plc-batch-write', () => {
  it('carries a whole queue', () => {
    assert.deepEqual(parseWriteCommand(queueOf([1, 2])), queueOf([1, 2]));
  });

  it('drops properties that are no part of a queue', () => {
    const command = queueOf([1]);
    assert.deepEqual(
      parseWriteCommand({ ...command, extra: 1, batches: command.batches.map((batch) => ({ ...batch, extra: 1 })) }),
      command,
    );
  });

  it('is refused with every field at fault', () => {
    refused(() => parseWriteCommand('write'), ['payload']);
    refused(() => parseWriteCommand({}), ['payload.command']);
    refused(() => parseWriteCommand({ command: 'write' }), ['queueId', 'batches']);
    refused(
      () =>
        parseWriteCommand({
          command: 'write',
          queueId: '',
          batches: [
            { ...batchOf(1), quantityCentiKg: 1.5, consumption: [{ equipment: 101, massCentiKg: '600' }, null] },
          ],
        }),
      ['queueId', 'batches[0].quantityCentiKg', 'batches[0].consumption[1]', 'batches[0].consumption[0].massCentiKg'],
    );
  });
});
