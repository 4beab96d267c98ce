// The home is its owner's alone: what an older version left open is mended at the start, and the doctor says what is open.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeSystem } from '../../deploy/doctor/home.ts';
import { keepHomePrivate, openPaths } from '../../nodes/access/private-home.ts';

describe('the home of a plant', () => {
  let home: string;
  let elsewhere: string;
  let umask: number;
  const mode = (path: string) => (lstatSync(path).mode & 0o777).toString(8);

  beforeEach(() => {
    umask = process.umask(0o022);
    home = mkdtempSync(join(tmpdir(), 'shopfloor-home-'));
    elsewhere = mkdtempSync(join(tmpdir(), 'shopfloor-elsewhere-'));
    chmodSync(home, 0o755);
    for (const folder of ['node-red', 'attachments', 'node-red/node_modules']) mkdirSync(join(home, folder));
    for (const file of ['shopfloor.sqlite', 'shopfloor.sqlite-wal', 'node-red/flows.json', 'node-red/.sessions.json']) {
      writeFileSync(join(home, file), 'x', { mode: 0o644 });
    }
    writeFileSync(join(home, 'node-red/node_modules/tool.js'), 'x', { mode: 0o755 });
    writeFileSync(join(elsewhere, 'plant.sqlite'), 'x', { mode: 0o644 });
    writeFileSync(join(elsewhere, 'other'), 'x', { mode: 0o644 });
    symlinkSync(join(elsewhere, 'other'), join(home, 'link'));
  });
  afterEach(() => {
    process.umask(umask);
    for (const folder of [home, elsewhere]) rmSync(folder, { recursive: true, force: true });
  });

  it('is mended as a whole, with the database wherever it is, and nothing that only a link leads to', () => {
    const database = join(elsewhere, 'plant.sqlite');
    assert.deepEqual(keepHomePrivate(home, `sqlite:${database}`), []);
    for (const folder of ['', 'node-red', 'attachments']) assert.equal(mode(join(home, folder)), '700', folder);
    for (const file of ['shopfloor.sqlite', 'shopfloor.sqlite-wal', 'node-red/flows.json', 'node-red/.sessions.json']) {
      assert.equal(mode(join(home, file)), '600', file);
    }
    assert.equal(mode(database), '600');
    assert.equal(mode(join(elsewhere, 'other')), '644');
    assert.equal(mode(join(home, 'node-red/node_modules/tool.js')), '755');
    assert.deepEqual(openPaths(home, `sqlite:${database}`), []);
    writeFileSync(join(home, 'new'), 'x');
    assert.equal(mode(join(home, 'new')), '600');
  });

  it('is not there before the first start, and no fault', () => {
    assert.deepEqual(keepHomePrivate(join(home, 'later'), 'postgres://plant@db/plant'), []);
  });

  it('is what settings.ts mends, before Node-RED opens anything', () => {
    const settings = join(import.meta.dirname, '../../settings.ts');
    const script = `await import(${JSON.stringify(settings)}); process.exit(0)`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: process.env.PATH, SHOPFLOOR_HOME: home },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.deepEqual([mode(home), mode(join(home, 'shopfloor.sqlite'))], ['700', '600']);
  });

  it('is looked at by the doctor, which says what others can read', async () => {
    const system = homeSystem(home, `sqlite:${join(home, 'shopfloor.sqlite')}`);
    assert.ok('examine' in system);
    const look = () => system.examine(new AbortController().signal);
    const [open] = await look();
    assert.equal(open?.verdict, 'fails');
    assert.match(open?.found ?? '', /others can read/);
    keepHomePrivate(home);
    assert.equal((await look())[0]?.verdict, 'works');
  });
});
