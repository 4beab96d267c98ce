import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkDashboard, linkPackage, prepareFlowFile, readShippedFlows } from '../../deploy/user-directory.ts';

describe('the Node-RED user directory', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const shipped = (label: string) => [{ name: 'one', nodes: [{ id: 'a', label }] }];
  const flowFile = () => readFileSync(join(folder, 'flows.json'), 'utf8');

  it('gets the shipped flows once', () => {
    assert.equal(prepareFlowFile(folder, shipped('v1')), 'created');
    assert.equal(prepareFlowFile(folder, shipped('v1')), 'kept');
    assert.match(flowFile(), /v1/);
  });

  it('gets the flows of a new version when nobody edited the old ones', () => {
    prepareFlowFile(folder, shipped('v1'));
    assert.equal(prepareFlowFile(folder, shipped('v2')), 'updated');
    assert.match(flowFile(), /v2/);
  });

  it('is not laid out from a package without flows, and says so', () => {
    for (const empty of [[], [{ name: 'one', nodes: [] }]]) {
      assert.throws(() => prepareFlowFile(folder, empty), /no flows: its folder "examples" is empty/);
    }
    assert.ok(!existsSync(join(folder, 'flows.json')));
  });

  it('gets the flows after a start that was killed before it had finished', () => {
    writeFileSync(join(folder, 'flows.json'), '[]\n');
    assert.equal(prepareFlowFile(folder, shipped('v1')), 'updated');
    assert.match(flowFile(), /v1/);
  });

  it('stays empty when an engineer emptied it, and says so', () => {
    prepareFlowFile(folder, shipped('v1'));
    writeFileSync(join(folder, 'flows.json'), '[]');
    assert.equal(prepareFlowFile(folder, shipped('v1')), 'empty-kept');
    assert.equal(flowFile(), '[]');
  });

  it("keeps an engineer's edits", () => {
    prepareFlowFile(folder, shipped('v1'));
    writeFileSync(join(folder, 'flows.json'), '[{"id":"mine"}]');
    assert.equal(prepareFlowFile(folder, shipped('v2')), 'edited-kept');
    assert.match(flowFile(), /mine/);
  });

  it('finds the package through a link, and repairs a link that leads nowhere', () => {
    const packageRoot = mkdtempSync(join(tmpdir(), 'shopfloor-package-'));
    const gone = mkdtempSync(join(tmpdir(), 'shopfloor-gone-'));
    try {
      linkPackage(folder, gone);
      rmSync(gone, { recursive: true });
      linkPackage(folder, packageRoot);
      linkPackage(folder, packageRoot);
      const link = join(folder, 'node_modules', '@shopfloor', 'node-red-dashboard-2-shopfloor');
      assert.equal(realpathSync(link), realpathSync(packageRoot));
      linkDashboard(folder, packageRoot);
      const dashboard = join(folder, 'node_modules', '@flowfuse', 'node-red-dashboard');
      assert.equal(realpathSync(dashboard), realpathSync(packageRoot));
    } finally {
      rmSync(packageRoot, { recursive: true, force: true });
    }
  });

  it('refuses shipped flows in which two nodes share an id', () => {
    writeFileSync(join(folder, 'one.json'), '[{"id":"same"}]');
    writeFileSync(join(folder, 'two.json'), '[{"id":"same"}]');
    assert.throws(() => readShippedFlows(folder), /"same" is in the flows one and two/);
  });
});
