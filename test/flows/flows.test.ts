import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runInNewContext } from 'node:vm';

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly label?: string;
  readonly z?: string;
  readonly g?: string;
  readonly x?: number;
  readonly y?: number;
  readonly w?: number;
  readonly h?: number;
  readonly wires?: ReadonlyArray<readonly string[]>;
  readonly nodes?: readonly string[];
  readonly scope?: readonly string[];
  readonly func?: string;
  readonly links?: readonly string[];
  readonly calendar?: string;
}

const root = join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  'node-red': { nodes: Record<string, string> };
};
const ownTypes = Object.keys(manifest['node-red'].nodes);
/** The only types of Node-RED's core that shipped flows use. */
const coreTypes = [
  'tab',
  'group',
  'comment',
  'inject',
  'debug',
  'change',
  'switch',
  'trigger',
  'function',
  'catch',
  'http in',
  'http response',
  'link in',
  'link out',
];
/** Types of Dashboard 2.0 around our own widgets: the shell, no widget of its own. */
const dashboardTypes = ['ui-base', 'ui-theme', 'ui-page', 'ui-group'];
const knownTypes = [...ownTypes, ...coreTypes, ...dashboardTypes];
const flows = globSync('flows/*.json', { cwd: root }).sort();

const everyNode = new Map(
  flows
    .flatMap((file) => JSON.parse(readFileSync(join(root, file), 'utf8')) as readonly FlowNode[])
    .map((node) => [node.id, node]),
);

/** Values of a new node by property, as its editor script registers them. */
function defaultsOf(type: string): Readonly<Record<string, unknown>> {
  const file = join(root, (manifest['node-red'].nodes[type] ?? '').replace(/^dist\/(.*)\.js$/, '$1.html'));
  const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const found: Record<string, unknown> = {};
  const registerType = (
    _type: string,
    definition: { readonly defaults: Record<string, { readonly value?: unknown }> },
  ) => Object.assign(found, definition.defaults);
  runInNewContext(script, { RED: { nodes: { registerType }, validators: new Proxy({}, { get: () => () => true }) } });
  return Object.fromEntries(
    Object.entries(found as Record<string, { readonly value?: unknown }>).map(([name, { value }]) => [
      name,
      value ?? '',
    ]),
  );
}

describe('the shipped flows', () => {
  it('exist', () => assert.ok(flows.length > 0));

  it('count the downtime of Log CTP by one shift calendar, in every node that can change or show it', () => {
    const logs = [...everyNode.values()].filter(({ type }) => type === 'ctp-problem-log');
    assert.ok(logs.length > 0);
    for (const log of logs) assert.equal(everyNode.get(log.calendar ?? '')?.type, 'shift-calendar', log.id);
    assert.equal(new Set(logs.map(({ calendar }) => calendar)).size, 1);
  });

  it('show in their nodes what is in force: no setting is empty that has a value in a new node', () => {
    const own = [...everyNode.values()].filter(({ type }) => ownTypes.includes(type));
    assert.ok(own.length > 0);
    const empty = own.flatMap((node) =>
      Object.entries(defaultsOf(node.type))
        .filter(([name, value]) => value !== '' && Reflect.get(node, name) === '')
        .map(([name]) => `${node.id}.${name}`),
    );
    assert.deepEqual(empty, []);
  });

  it('need no configuration of each other: the flow plant brings what several of them use', () => {
    const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as readonly FlowNode[];
    const configurations = new Set([...everyNode.values()].filter((node) => node.x === undefined).map(({ id }) => id));
    const shared = new Set(read(join('flows', 'plant.json')).map(({ id }) => id));
    for (const file of flows) {
      const nodes = read(file);
      const known = new Set([...nodes.map(({ id }) => id), ...shared]);
      const foreign = nodes.flatMap((node) =>
        Object.values(node).filter(
          (value) => typeof value === 'string' && configurations.has(value) && !known.has(value),
        ),
      );
      assert.deepEqual(foreign, [], file);
    }
  });

  for (const file of flows) {
    describe(basename(file, '.json'), () => {
      const nodes = JSON.parse(readFileSync(join(root, file), 'utf8')) as readonly FlowNode[];
      const byId = new Map(nodes.map((node) => [node.id, node]));

      it('has readable ids, each once', () => {
        assert.equal(byId.size, nodes.length);
        assert.deepEqual(
          nodes.map((node) => node.id).filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)),
          [],
        );
      });

      it('uses only nodes of this package, of the core and of the dashboard shell', () => {
        const unknown = nodes.filter((node) => !knownTypes.includes(node.type));
        assert.deepEqual(
          unknown.map((node) => node.type),
          [],
        );
      });

      it('has no wire that leads nowhere, and no scope that names nobody', () => {
        const targets = nodes.flatMap((node) => [
          ...(node.wires ?? []).flat(),
          ...(Array.isArray(node.scope) ? node.scope : []),
        ]);
        assert.deepEqual(
          targets.filter((target) => !byId.has(target)),
          [],
        );
      });

      it('has every link in both directions, to a node of some shipped flow', () => {
        for (const node of nodes.filter(({ links }) => links)) {
          for (const link of node.links ?? []) {
            assert.ok(everyNode.get(link)?.links?.includes(node.id), `${node.id} <-> ${link} is not linked both ways`);
          }
        }
      });

      it('keeps every node in a named group, inside its frame', () => {
        for (const node of nodes.filter((candidate) => candidate.wires && candidate.type !== 'comment')) {
          const group = byId.get(node.g ?? '');
          assert.ok(group?.name, `${node.id} is in no named group`);
          assert.ok(group.nodes?.includes(node.id), `${node.id} is not listed by its group`);
          const { x = 0, y = 0, w = 0, h = 0 } = group;
          const inside = (node.x ?? 0) > x && (node.x ?? 0) < x + w && (node.y ?? 0) > y && (node.y ?? 0) < y + h;
          assert.ok(inside, `${node.id} lies outside the frame of ${group.id}`);
        }
      });

      it('says in a comment what an engineer may rewire', () => {
        assert.ok(nodes.some((node) => node.type === 'comment' && /rewire/i.test(node.name ?? '')));
      });

      it('has no Function node longer than ten lines', () => {
        const long = nodes.filter((node) => node.type === 'function' && (node.func ?? '').split('\n').length > 10);
        assert.deepEqual(
          long.map((node) => node.id),
          [],
        );
      });

      it('contains no secret', () => {
        assert.doesNotMatch(
          readFileSync(join(root, file), 'utf8'),
          /"(password|token|secret|apiKey)": *"(?!\$\{)[^"]+"/i,
        );
      });
    });
  }
});
