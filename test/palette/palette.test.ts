import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  'node-red': { nodes: Record<string, string> };
};

/** Names that Node-RED keeps for itself (single letters are checked apart). */
const reserved = ['id', 'type', 'wires', 'inputs', 'outputs'];

function lookUp(catalogue: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (level, part) => (typeof level === 'object' && level !== null ? Reflect.get(level, part) : undefined),
      catalogue,
    );
}

describe('the palette', () => {
  for (const [type, file] of Object.entries(manifest['node-red'].nodes)) {
    const source = join(root, dirname(file).replace(/^dist\//, ''), basename(file, '.js'));

    describe(type, () => {
      const html = existsSync(`${source}.html`) ? readFileSync(`${source}.html`, 'utf8') : '';
      const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
      const help = /<script type="text\/markdown" data-help-name="[^"]+">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
      const cataloguePath = join(dirname(source), 'locales', 'en-US', `${basename(source)}.json`);

      it('has its three files beside each other', () => {
        assert.ok(existsSync(`${source}.ts`), `${source}.ts`);
        assert.ok(html, `${source}.html`);
        assert.ok(existsSync(cataloguePath), cataloguePath);
      });

      it('registers by a literal name with a template and help', () => {
        assert.match(script, new RegExp(`RED\\.nodes\\.registerType\\('${type}', \\{`));
        assert.match(html, new RegExp(`data-template-name="${type}"`));
        assert.match(html, new RegExp(`data-help-name="${type}"`));
      });

      it('explains itself: a first sentence, details, an example where it takes messages', () => {
        const [firstLine = ''] = help.trim().split('\n');
        assert.match(firstLine, /^[A-Z].*\.$/, `the tooltip of ${type} is no sentence: ${firstLine}`);
        assert.match(help, /^### Details$/m);
        if (/inputs: 1/.test(script)) {
          assert.match(help, /^### Inputs$/m);
          assert.match(help, /^### Outputs$/m);
          assert.match(help, /\{.*".*".*:/s, 'no literal example message');
        }
        assert.doesNotMatch(help, /\*\*|__/, 'bold text in help');
      });

      it('uses only texts that the catalogue has', () => {
        const catalogue: unknown = JSON.parse(readFileSync(cataloguePath, 'utf8'));
        const server = readFileSync(`${source}.ts`, 'utf8');
        const keys = [
          ...[...html.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map((match) => match[1] ?? ''),
          ...[...script.matchAll(/\b_\(\s*'([^']+)'/g)].map((match) => (match[1] ?? '').replace(/^.*:/, '')),
          ...[...server.matchAll(/RED\._\(\s*'([^']+)'/g)].map((match) => match[1] ?? ''),
        ].filter((key) => key.startsWith(`${type}.`));
        assert.ok(keys.length > 0, 'no text comes from the catalogue');
        const missing = keys.filter((key) => typeof lookUp(catalogue, key) !== 'string');
        assert.deepEqual(missing, []);
      });

      it('has a version to migrate from, and no reserved property name', () => {
        const defaults = /defaults: \{([\s\S]*?)\n {8}\}/.exec(script)?.[1] ?? '';
        const names = [...defaults.matchAll(/^ {12}(\w+):/gm)].map((match) => match[1] ?? '');
        assert.ok(names.includes('name') && names.includes('version'), names.join(', '));
        assert.deepEqual(
          names.filter(
            // A node whose outputs grow with its settings keeps their number as the editor's own `outputs`.
            (name) =>
              name.length === 1 ||
              (reserved.includes(name) && !(name === 'outputs' && html.includes('node-input-outputs'))),
          ),
          [],
        );
      });

      it('takes its colours from the theme', () => {
        const template = /<script type="text\/html"[\s\S]*?<\/script>/.exec(html)?.[0] ?? '';
        assert.doesNotMatch(template, /(color|background)[^;"]*#[0-9a-f]{3,6}/i);
      });
    });
  }
});
