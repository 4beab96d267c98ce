// Config node odoo-connection: one logged-in Odoo database for all nodes that name it.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SettingsRefused } from '../core/errors.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { connectOdoo } from './connect.ts';
import type { OdooConnectionNode } from './connection-contract.ts';
import { type OdooConnectionProperties, parseOdooConnection } from './connection-settings.ts';
import { SharedClient } from './shared-client.ts';

interface OdooCredentials {
  /** Password or API key. */
  password: string;
}

type OpenedNode = { -readonly [K in keyof OdooConnectionNode]: OdooConnectionNode[K] } & Node<OdooCredentials>;
type Config = NodeDef & OdooConnectionProperties;

export default function (RED: NodeAPI): void {
  function OdooConnection(this: OpenedNode, config: Config) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => parseOdooConnection(config, passwordOf(this), process.env));
    if (settings instanceof SettingsRefused) return;
    const client = new SharedClient((onTransition) =>
      connectOdoo(settings, {
        onTransition: (state) => {
          if (state.away) this.warn(state.detail);
          else this.log(state.detail);
          onTransition(state);
        },
      }),
    );
    this.database = settings.database;
    this.login = settings.login;
    this.watchOnly = settings.watchOnly;
    this.session = () => client.session();
    this.use = (listener) => client.use(listener);
    this.on('close', (done: () => void) => {
      client.close();
      done();
    });
  }
  RED.nodes.registerType<OpenedNode, Config, object, OdooCredentials>('odoo-connection', OdooConnection, {
    credentials: { password: { type: 'password' } },
  });
}

/** A node without stored credentials has none, whatever its type says. */
function passwordOf(node: { readonly credentials?: Partial<OdooCredentials> }): string | undefined {
  return node.credentials?.password;
}
