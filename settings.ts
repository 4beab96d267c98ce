// Node-RED settings of a plant: what `npm start` uses, and what a plant copies into its own Node-RED.
import { join, resolve } from 'node:path';
import { keepHomePrivate, shopfloorAccess } from '@shopfloor/node-red-dashboard-2-shopfloor';

const environment = process.env;
const home = environment.SHOPFLOOR_HOME ?? '.shopfloor';
const databaseUrl = environment.DATABASE_URL || `sqlite:${join(resolve(home), 'shopfloor.sqlite')}`;

// Database, sessions, flows and photos are nobody else's to read on this machine: also what an older version has left open.
for (const path of keepHomePrivate(home, databaseUrl)) {
  process.stderr.write(`Others can read ${path}, and it belongs to another account: run chown or chmod there.\n`);
}

/** Accounts, roles and sessions: protects every http-in route, the dashboard and its socket, and the editor. */
const access = shopfloorAccess({
  databaseUrl,
  apiToken: environment.SHOPFLOOR_API_TOKEN || undefined,
  adminPassword: environment.SHOPFLOOR_ADMIN_PASSWORD || undefined,
  trustedProxies: (environment.SHOPFLOOR_TRUSTED_PROXIES ?? '').split(',').filter((proxy) => proxy.trim() !== ''),
  // Photos and documents of problems; one folder for one database, in every backup with it.
  attachments: { folder: join(resolve(home), 'attachments') },
  // Routes of your own flows that take files through "accept file uploads" of their http-in node: { path: '/scans', mostBytes: 5_000_000 }.
  // Node-RED holds these in memory. Every other request with files is refused with 415.
  uploads: [],
  timeZone: environment.TZ_PLANT || undefined,
  // Off while the plant runs: nobody gets into the editor.
  editor: !/^(off|false|no|0)$/i.test(environment.SHOPFLOOR_EDITOR ?? ''),
  // Pages of your own: the path of the ui-page, and who sees it. A page that is named nowhere is seen by nobody.
  pages: {},
});

const settings = {
  ...access,
  uiPort: Number(environment.PORT ?? 1880),
  uiHost: environment.SHOPFLOOR_HOST || '0.0.0.0',
  userDir: join(home, 'node-red'),
  flowFile: 'flows.json',
  flowFilePretty: true,

  // What the editor deploys; commands are held to 1 MiB, and photos have a route of their own.
  apiMaxLength: '5mb',

  // Encrypts what credentials the flows keep; `npm start` makes one and keeps it in the home.
  credentialSecret: environment.SHOPFLOOR_CREDENTIAL_SECRET ?? false,

  logging: { console: { level: environment.SHOPFLOOR_LOG_LEVEL ?? 'info', metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: true, ui: true },
  runtimeState: { enabled: false, ui: false },
  exportGlobalContextKeys: false,
  functionExternalModules: false,
  editorTheme: { tours: false, projects: { enabled: false } },
};

// Node-RED takes `require()`'s result as the settings; from an ES module that is the export of this name.
export { settings as 'module.exports' };
