// A process that runs the tasks over the database of argument 1 and asks its parent, the plant, until it is killed.

import type { BatchCommand } from '../../nodes/batch/messages.ts';
import { openLedger } from '../../nodes/batch/open-ledger.ts';
import { defaultSettings } from '../../nodes/batch/settings.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { PlantModel } from './plant-model.ts';

type Question = 'fetch' | 'write' | 'read' | 'acknowledge' | 'push';
interface Next {
  readonly command: string;
  readonly blocks?: unknown;
}
type Answer<What extends Question> = ReturnType<PlantModel[What]>;

let answered: (answer: unknown) => void = () => {};
process.on('message', (answer) => answered(answer));
process.on('disconnect', () => process.exit(0));

function ask<What extends Question>(question: What, argument: unknown): Promise<Answer<What>> {
  return new Promise((resolve) => {
    answered = (answer) => resolve((answer as { value: Answer<What> }).value);
    process.send?.({ question, argument });
  });
}

const store = await openStore(process.argv[2] ?? '');
const ledger = await openLedger(store, { ...defaultSettings, slots: 4, queueLimit: 4 });

async function send<Payload>(command: BatchCommand): Promise<Payload> {
  const { payload } = await ledger.execute(command, { name: 'flow', via: 'flow' });
  return payload as Payload;
}

for (;;) {
  await synchronise();
  await read();
  await push();
}

async function synchronise(): Promise<void> {
  let next = await send<Next>({ command: 'begin-sync' });
  if (next.command === 'fetch')
    next = await send<Next>({ command: 'stage', orders: await ask('fetch', next), refused: [] });
  if (next.command === 'write') await send({ command: 'written', ...(await ask('write', next)) });
}

async function read(): Promise<void> {
  const next = await send<Next>({ command: 'observe', ...(await ask('read', null)) });
  if (next.command === 'acknowledge') await ask('acknowledge', next.blocks);
}

async function push(): Promise<void> {
  for (;;) {
    const next = await send<Next>({ command: 'due' });
    if (next.command === 'none') return;
    await send({ command: 'complete', ...(await ask('push', next)) });
  }
}
