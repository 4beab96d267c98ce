// A process that takes failures from the PLC at the port of argument 2 into the database of argument 1 until it is killed.
import { systemClock } from '../../nodes/core/clock.ts';
import { parseEquipmentSettings } from '../../nodes/equipment/equipment-settings.ts';
import { FailureBook } from '../../nodes/equipment/failure-book.ts';
import { parseConnectionSettings } from '../../nodes/plc/link/connection-settings.ts';
import { openLink } from '../../nodes/plc/link/open-link.ts';
import { originalMemoryMap as map } from '../../nodes/plc/memory-map.ts';
import type { RecordCommand } from '../../nodes/plc/messages.ts';
import { acknowledgeRecord, readRecords } from '../../nodes/plc/record-reader.ts';
import { openStore } from '../../nodes/store/open-store.ts';

process.on('disconnect', () => process.exit(0));
const [, , databaseUrl = '', port = ''] = process.argv;
const flow = { name: 'flow', via: 'flow' } as const;
const settings = parseConnectionSettings(
  { name: 'Mill', url: `modbus-tcp://127.0.0.1:${port}?unit=1` },
  { readFile: () => '', watchOnly: false },
);
const link = openLink(settings, systemClock);
link.start();
const book = await FailureBook.open(await openStore(databaseUrl), parseEquipmentSettings({}, {}), systemClock);

for (;;) {
  const records = await readRecords({ link, map, wordOrder: 'high-first', plcName: 'Mill', clock: systemClock });
  const { payload } = await book.execute({ command: 'take', ...records }, flow);
  const next = payload as RecordCommand | { readonly command: 'none' };
  if (next.command !== 'acknowledge') continue;
  process.send?.('taken');
  const acknowledged = await acknowledgeRecord({ link, map, watchOnly: false, command: next });
  await book.execute({ command: 'flagged', ...acknowledged }, flow);
}
