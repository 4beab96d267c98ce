import assert from 'node:assert/strict';
import { type CommandMemory, once, type RememberedCommand } from '../../nodes/core/command-memory.ts';

describe('a command with an id', () => {
  let kept: Map<string, RememberedCommand>;
  let memory: CommandMemory;
  let done: string[];
  beforeEach(() => {
    kept = new Map();
    done = [];
    memory = {
      commandById: async (commandId) => kept.get(commandId),
      rememberCommand: async (commandId, command) => void kept.set(commandId, command),
    };
  });
  const send = (words: string, commandId: string | undefined = 'c-1', actor = 'ani') =>
    once(memory, { commandId, actor, words: { command: words }, at: '2026-11-21T03:00:00.000Z' }, async () => {
      done.push(words);
      if (words === 'refused') throw new Error('not so');
      return { nth: done.length };
    });

  it('is done once, and answered again as the first time', async () => {
    assert.deepEqual(await send('stop'), { reply: { nth: 1 }, isRepeat: false });
    assert.deepEqual(await send('stop'), { reply: { nth: 1 }, isRepeat: true });
    assert.deepEqual(await send('stop', 'c-2'), { reply: { nth: 2 }, isRepeat: false });
    assert.deepEqual(done, ['stop', 'stop']);
    assert.deepEqual(kept.get('c-1'), {
      actor: 'ani',
      request: '{"command":"stop"}',
      reply: '{"nth":1}',
      at: '2026-11-21T03:00:00.000Z',
    });
  });

  it('is refused when the id has been used for other words, or by somebody else', async () => {
    await send('stop');
    const reused = { code: 'command-id-reused', httpStatus: 409 };
    await assert.rejects(send('start'), reused);
    await assert.rejects(send('stop', 'c-1', 'budi'), reused);
    assert.deepEqual(done, ['stop']);
  });

  it('is not remembered when it was refused, so that it may be tried again', async () => {
    await assert.rejects(send('refused'), /not so/);
    assert.equal(kept.size, 0);
    assert.deepEqual(await send('stop'), { reply: { nth: 2 }, isRepeat: false });
  });
});

describe('a command without an id', () => {
  it('is done as often as it comes, and nothing is kept of it', async () => {
    const untouched: CommandMemory = {
      commandById: () => Promise.reject(new Error('asked')),
      rememberCommand: () => Promise.reject(new Error('kept')),
    };
    let times = 0;
    const send = () =>
      once(untouched, { commandId: undefined, actor: 'ani', words: {}, at: '2026-11-21T03:00:00.000Z' }, async () => {
        times += 1;
        return times;
      });
    assert.deepEqual(await send(), { reply: 1, isRepeat: false });
    assert.deepEqual(await send(), { reply: 2, isRepeat: false });
  });
});
