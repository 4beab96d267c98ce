// Every alarm of the code base has words, reaches somebody by the rules of a new node, and is wired to the bell in the shipped flows.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { notificationOf, parseAlarm } from '../../nodes/notify/alarm-notification.ts';
import { defaultAlarmRules, parseAlarmRules } from '../../nodes/notify/alarm-rules.ts';
import { hasWords } from '../../nodes/notify/alarm-words.ts';

const root = dirname(dirname(import.meta.dirname));
const sources = globSync('nodes/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.d.ts'))
  .map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }));
const alarmLists = /export const (\w+AlarmCodes) = /g;

/** Every list of codes that a room exports, mapped by its name. */
async function codeLists(): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const { file, source } of sources) {
    for (const [, name = ''] of source.matchAll(alarmLists)) {
      const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, readonly string[]>;
      found.set(name, module[name] ?? []);
    }
  }
  return found;
}

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly wires?: readonly (readonly string[])[];
  readonly links?: readonly string[];
  readonly rules?: unknown;
}
const flowNodes = globSync('flows/*.json', { cwd: root }).flatMap(
  (file) => JSON.parse(readFileSync(join(root, file), 'utf8')) as readonly FlowNode[],
);
const byId = new Map(flowNodes.map((node) => [node.id, node]));

/** Output with alarms or notices for people, mapped by node type. */
const alarmOutputs: Readonly<Record<string, number>> = {
  'mo-batch': 2,
  'task-clock': 2,
  'equipment-failures': 2,
  'cumulative-tracker': 2,
  'health-trigger': 4,
};

function reachesBell(id: string, output: number): boolean {
  const seen = new Set<string>();
  const open = [...(byId.get(id)?.wires?.[output] ?? [])];
  for (const next of open) {
    if (seen.has(next)) continue;
    seen.add(next);
    const node = byId.get(next);
    if (node?.type === 'notify') return true;
    open.push(...(node?.wires?.flat() ?? []), ...(node?.type === 'link out' ? (node.links ?? []) : []));
  }
  return false;
}

describe('every alarm code of the code base', () => {
  it('stands in a list that this test can find: a type of codes is made of one', () => {
    const loose = sources.flatMap(({ file, source }) =>
      [...source.matchAll(/type (\w*AlarmCode) =([^;]*);/g)]
        .filter(([, , body = '']) => !/^\s*\(typeof \w+AlarmCodes\)\[number\]$/.test(body))
        .map(([, name]) => `${file} ${name}`),
    );
    assert.deepEqual(loose, []);
  });

  it('has words in both languages and reaches people by the rules of a new node', async () => {
    const lists = await codeLists();
    assert.ok(lists.size >= 2);
    const codes = [...lists.values()].flat();
    assert.ok(codes.length >= 11);
    const rules = parseAlarmRules(undefined);
    for (const code of codes) {
      assert.ok(hasWords(code), `${code}: add its words to nodes/notify/alarm-words.ts`);
      const alarm = parseAlarm({ code, active: true, since: '2026-01-05T00:00:00.000Z', message: 'Look.' });
      const command = notificationOf(alarm, rules, () => 'tell');
      assert.ok(command?.recipients.roles?.includes('admin'), `${code} reaches nobody`);
    }
  });

  it('leaves its node on an output that leads to a notify node in the shipped flows', () => {
    const senders = flowNodes.filter(({ type }) => alarmOutputs[type] !== undefined);
    assert.ok(senders.length > 10);
    const unheard = senders.filter(({ id, type }) => !reachesBell(id, alarmOutputs[type] ?? 0)).map(({ id }) => id);
    assert.deepEqual(unheard, []);
  });

  it('is told by the shipped flows as by a new node, and as the editor offers it', () => {
    const shipped = flowNodes.filter(({ type }) => type === 'alarm-routing');
    assert.ok(shipped.length > 0);
    for (const { rules } of shipped) assert.deepEqual(rules, defaultAlarmRules);
    const html = readFileSync(join(root, 'nodes/notify/alarm-routing.html'), 'utf8');
    const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    let offered: unknown;
    const registerType = (_type: string, { defaults }: { defaults: { rules: { value: unknown } } }) => {
      offered = defaults.rules.value;
    };
    runInNewContext(script, { RED: { nodes: { registerType } } });
    assert.deepEqual(JSON.parse(JSON.stringify(offered)), defaultAlarmRules);
  });
});

describe('every notice that a room writes itself', () => {
  it('has a type, so that a rule can decide who is told', () => {
    const nameless = sources.flatMap(({ file, source }) =>
      [...source.matchAll(/command: 'notify',[\s\S]{0,600}?(?:\n {2}\};|\n {6}\})/g)]
        .filter(([text]) => !/\btype\b/.test(text))
        .map(() => file),
    );
    assert.deepEqual(nameless, []);
  });
});
