// Node odoo-mo-sync: fetches orders from Odoo, posts batches to them, cancels them, and says what Odoo shows afterwards.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { onCommand, statusText } from '../core/command-input.ts';
import { ShopfloorError } from '../core/errors.ts';
import { refusalBehind, settingsOrRefusal } from '../core/refused-settings.ts';
import { parseCommand } from './commands.ts';
import { odooConnectionOf } from './connection-contract.ts';
import { OrderSync, type SyncReply } from './order-sync.ts';
import { parseSyncSettings, type SyncProperties } from './sync-settings.ts';

interface OdooMoSyncProperties extends NodeDef, SyncProperties {
  /** Id of the odoo-connection node. */
  connection: string;
}

type Fill = 'red' | 'green' | 'yellow' | 'grey';

const fillOfOutcome: Readonly<Record<string, Fill>> = {
  verified: 'green',
  person: 'red',
  later: 'yellow',
  'watch-only': 'grey',
};

export default function (RED: NodeAPI): void {
  function OdooMoSync(this: Node, config: OdooMoSyncProperties) {
    RED.nodes.createNode(this, config);
    const show = (fill: Fill, key: string, values: Record<string, string | number> = {}) =>
      this.status({ fill, shape: 'dot', text: statusText(RED._(`odoo-mo-sync.status.${key}`, values)) });
    const settings = settingsOrRefusal(this, () => parseSyncSettings(config));
    const connection = odooConnectionOf(RED, config.connection);
    if (!connection) show('red', 'no-connection');
    let sync: OrderSync | undefined;
    const release = connection?.use(({ away }) => show(away ? 'red' : 'green', away ? 'away' : 'back'));

    onCommand(
      this,
      async (message, send) => {
        if (settings instanceof Error) throw settings;
        if (!connection) {
          const refusal = refusalBehind(RED.nodes.getNode(config.connection), 'There is no working Odoo connection.');
          if (refusal) throw refusal;
          throw new ShopfloorError('odoo-connection-missing', 503, 'There is no working Odoo connection.', {
            hint: 'Choose an odoo-connection in this node and see the log for its settings.',
          });
        }
        sync ??= new OrderSync(connection, settings);
        const reply = await sync.execute(parseCommand(message.payload));
        showReply(reply);
        send(Object.assign(message, reply));
      },
      { busyText: RED._('odoo-mo-sync.status.busy') },
    );
    this.on('close', (done: () => void) => {
      release?.();
      done();
    });

    function showReply({ topic, payload }: SyncReply): void {
      if (topic === 'odoo/orders') {
        const [orders, refused] = [payload.orders.length, payload.refused.length];
        show(refused > 0 ? 'yellow' : 'green', refused > 0 ? 'fetched-refused' : 'fetched', { orders, refused });
      } else if (topic === 'odoo/looked') {
        const changed = payload.orders.filter(({ finding }) => finding !== 'as-fetched').length;
        show(changed > 0 ? 'yellow' : 'green', 'looked', { orders: payload.orders.length, changed });
      } else if (topic === 'odoo/status') {
        show('green', 'connected', { version: payload.serverVersion });
      } else {
        show(fillOfOutcome[payload.outcome] ?? 'grey', payload.outcome);
      }
    }
  }

  RED.nodes.registerType('odoo-mo-sync', OdooMoSync);
}
