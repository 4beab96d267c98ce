// Node-RED settings of a plant: what `npm start` uses, and what a plant copies into its own Node-RED.
import { join } from 'node:path';
import { jsonBody } from './nodes/access/json-body.ts';
import { accessMiddleware, accessOptions } from './nodes/access/middleware.ts';

const home = process.env.SHOPFLOOR_HOME ?? '.shopfloor';
const access = accessMiddleware(accessOptions());

const settings = {
  uiPort: Number(process.env.PORT ?? 1880),
  // Until a token lets others in, nobody else can even connect.
  uiHost: process.env.SHOPFLOOR_API_TOKEN ? '0.0.0.0' : '127.0.0.1',
  userDir: join(home, 'node-red'),
  flowFile: 'flows.json',
  flowFilePretty: true,

  // Every http-in route and the editor itself: from this machine, or with the token of SHOPFLOOR_API_TOKEN.
  httpNodeMiddleware: [access, jsonBody],
  httpAdminMiddleware: [access, jsonBody],

  // Encrypts what credentials the flows keep; `npm start` makes one and keeps it in the home.
  credentialSecret: process.env.SHOPFLOOR_CREDENTIAL_SECRET ?? false,

  logging: { console: { level: process.env.SHOPFLOOR_LOG_LEVEL ?? 'info', metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: true, ui: true },
  runtimeState: { enabled: false, ui: false },
  exportGlobalContextKeys: false,
  functionExternalModules: false,
  editorTheme: { tours: false, projects: { enabled: false } },
};

// Node-RED takes `require()`'s result as the settings; from an ES module that is the export of this name.
export { settings as 'module.exports' };
