// Preloaded into node-red-dev: answers what it asks over the network from a file that the test has filled.
'use strict';
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');

/** `metadata` by package name as far as the registry told it; `lock` is the package's own package-lock.json. */
const { metadata, lock } = JSON.parse(readFileSync(process.env.SCORECARD_ANSWERS, 'utf8'));
const tool = createRequire(require.resolve('node-red-dev/package.json'));

/** Name of the package that an address asks for: the path, whatever the host. */
function packageNameOf(address) {
  return decodeURIComponent(new URL(address).pathname.slice(1));
}

// The catalogue of published nodes, and the versions of Node-RED.
tool('axios').get = async (address) => {
  const name = packageNameOf(address);
  if (name.endsWith('catalogue.json')) return { data: { modules: [] } };
  const known = metadata[name] ?? { version: '0.0.0', 'dist-tags': { latest: '0.0.0' }, engines: { node: '*' } };
  return { data: { 'dist-tags': known['dist-tags'], versions: { [known.version]: { engines: known.engines } } } };
};

// The dependency tree: what is locked, and with it installed and tested, is what counts.
createRequire(tool.resolve('npm-remote-ls'))('request').get = (address, _options, done) => {
  const name = packageNameOf(address);
  const copies = Object.entries(lock.packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
  const versions = Object.fromEntries(copies.map(([, locked]) => [locked.version, locked]));
  if (copies.length === 0) done(new Error(`${name} is not in package-lock.json`));
  else done(null, { statusCode: 200 }, { name, versions });
};

// The newest release of each dependency.
const newest = createRequire(tool.resolve('npm-check')).resolve('package-json');
require.cache[newest] = {
  id: newest,
  filename: newest,
  loaded: true,
  children: [],
  paths: [],
  exports: async (name) => {
    const known = metadata[name];
    if (!known) throw new Error(`nothing is known about ${name}`);
    const versions = Object.fromEntries([known.versions].flat().map((version) => [version, {}]));
    return { name, 'dist-tags': known['dist-tags'], versions };
  },
};
