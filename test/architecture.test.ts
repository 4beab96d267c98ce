import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';

const root = dirname(import.meta.dirname);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  'node-red': { nodes: Record<string, string>; plugins: Record<string, string> };
  dependencies: Record<string, string>;
};

/** Files of the palette, without types of other packages. */
const files = globSync('nodes/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.d.ts'))
  .sort();
const glue = new Set(
  Object.values({ ...manifest['node-red'].nodes, ...manifest['node-red'].plugins }).map((file) =>
    file.replace(/^dist\/(.*)\.js$/, '$1.ts'),
  ),
);

/**
 * Files that adapt one outside thing each; everything else that is not glue is domain. A new edge is added here on purpose.
 */
const edges: readonly RegExp[] = [
  /^nodes\/core\/command-input\.ts$/,
  /^nodes\/access\/(middleware|json-body|router|request-facts|web-access|page-routes|pages|security-headers)\.ts$/,
  /^nodes\/access\/(dashboard-guard|dashboard-hooks|packed-scripts|socket-guard|shopfloor-access|common-passwords|private-home)\.ts$/,
  /^nodes\/odoo\/(http-post|json2-adapter|xml-rpc-adapter|xml-rpc-reply|parse-reply|reply-thread|connect|detect)\.ts$/,
  /^nodes\/attachments\/(file-folder|upload-parts|upload-intake|open-attachments)\.ts$/,
  /^nodes\/plc\/link\/.*(transport|port|client|line)\.ts$/,
  /^nodes\/store\/(open-|sqlite-dialect)/,
  /^nodes\/(plc|odoo)\/simulator\//,
  /^nodes\/production\/simulator\/mqtt-publisher\.ts$/,
  /^nodes\/production\/mqtt-intake\.ts$/,
];

/** What a rule of the factory must not know: runtimes, drivers, sockets, files. */
const outside =
  /^(node-red|modbus-serial|omron-fins|xmlrpc|mqtt|pg|serialport|express|node:(net|dgram|http|https|tls|fs|sqlite|child_process|worker_threads)(\/.*)?)$/;

function importsOf(file: string): readonly { readonly from: string; readonly typeOnly: boolean }[] {
  const source = readFileSync(join(root, file), 'utf8');
  return [
    ...[...source.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from '([^']+)';/gms)].map((match) => ({
      from: match[2] ?? '',
      typeOnly: match[1] !== undefined,
    })),
    ...[...source.matchAll(/import\('([^']+)'\)/g)].map((match) => ({ from: match[1] ?? '', typeOnly: false })),
  ];
}

const isEdge = (file: string) => edges.some((pattern) => pattern.test(file));

describe('the house', () => {
  it('knows all its glue', () => {
    assert.deepEqual(
      [...glue].filter((file) => !files.includes(file)),
      [],
    );
  });

  it('keeps Node-RED, drivers and sockets out of the domain', () => {
    const faults = files
      .filter((file) => !glue.has(file) && !isEdge(file))
      .flatMap((file) =>
        importsOf(file)
          .filter(({ from, typeOnly }) => outside.test(from) && !typeOnly)
          .map(({ from }) => `${file} -> ${from}`),
      );
    assert.deepEqual(faults, []);
  });

  it('lets a room use another room by its messages, contracts and words, never by its edges', () => {
    const faults = files.flatMap((file) =>
      importsOf(file)
        .filter(({ from, typeOnly }) => from.startsWith('.') && !typeOnly)
        .map(({ from }) => normalize(join(dirname(file), from)))
        .filter((target) => target.split('/')[1] !== file.split('/')[1])
        .filter((target) => isEdge(target) && !target.startsWith('nodes/core/'))
        // The helper of settings.ts runs before any flow, so it opens what no node has opened yet: store and folder of files.
        .filter(
          (target) =>
            file !== 'nodes/access/shopfloor-access.ts' ||
            !['nodes/store/open-store.ts', 'nodes/attachments/open-attachments.ts'].includes(target),
        )
        .map((target) => `${file} -> ${target}`),
    );
    assert.deepEqual(faults, []);
  });

  it('has a store that knows no room', () => {
    const faults = files
      .filter((file) => file.startsWith('nodes/store/'))
      .flatMap((file) =>
        importsOf(file).map(({ from }) => ({ file, target: normalize(join(dirname(file), from)), from })),
      )
      .filter(({ from, target }) => from.startsWith('.') && !/^nodes\/(store|core|access\/actor)/.test(target));
    assert.deepEqual(faults, []);
  });

  it('writes no list of SQL by hand that an empty one would make a fault of grammar', () => {
    const faults = files.filter((file) => /\bin \(\$\{sql\.join/.test(readFileSync(join(root, file), 'utf8')));
    assert.deepEqual(faults, [], 'inList of nodes/store/empty-lists.ts takes an empty list, too');
  });

  it('opens every file with a sentence that says what it is for', () => {
    const silent = files.filter(
      (file) => !/^\/\/ \S.*\.$/m.test(readFileSync(join(root, file), 'utf8').split('\n').slice(0, 3).join('\n')),
    );
    assert.deepEqual(silent, []);
  });

  it('has no type that is ignored, widened or asserted away', () => {
    const faults = files.filter((file) =>
      /@ts-(ignore|expect-error|nocheck)|biome-ignore|oxlint-disable|: any\b|<any>|as any\b/.test(
        readFileSync(join(root, file), 'utf8'),
      ),
    );
    assert.deepEqual(faults, []);
  });

  it('keeps its runtime dependencies at six or fewer, each used and each explained in the README', () => {
    const names = Object.keys(manifest.dependencies);
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    assert.ok(names.length <= 6, names.join(', '));
    assert.deepEqual(
      names.filter((name) => !readme.includes(`| \`${name}\` |`)),
      [],
    );
    const sources = [...files, ...globSync('deploy/**/*.ts', { cwd: root }), 'settings.ts'].map((file) =>
      readFileSync(join(root, file), 'utf8'),
    );
    // The dashboard is not imported: Node-RED loads its nodes, and ours register with them.
    const loaded = ['@flowfuse/node-red-dashboard'];
    const unused = names.filter(
      (name) => !loaded.includes(name) && !sources.some((source) => source.includes(`'${name}`)),
    );
    assert.deepEqual(unused, []);
  });

  it('asks the node kit alone whether a setting names a variable', () => {
    // An escaped dollar with its brace, or both alone in a text: a pattern for names of variables, or a search for one.
    const pattern = /\\\$\\?\{|\\\$\(\?:|(['"`])\$\{\1/;
    const halves = globSync(['{nodes,deploy}/**/*.{ts,html}', 'settings.ts'], { cwd: root }).filter(
      (file) => !file.endsWith('.d.ts'),
    );
    assert.ok(pattern.test(readFileSync(join(root, 'nodes/core/setting-text.ts'), 'utf8')));
    assert.deepEqual(
      halves.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8'))),
      ['nodes/core/setting-text.ts'],
    );
  });

  it('names no file so that nobody knows what is in it', () => {
    assert.deepEqual(
      files.filter((file) => /^(utils?|helpers?|manager|common|misc|data\d*)\.ts$/.test(basename(file))),
      [],
    );
  });
});
