// Node http-access: stands behind an http-in node and lets only recognised senders into the flow, for one action where it names one.
import { IncomingMessage } from 'node:http';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { onCommand, statusText } from '../core/command-input.ts';
import { SettingsRefused, ShopfloorError } from '../core/errors.ts';
import { errorReply } from '../core/http-envelope.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { authorise } from './actor.ts';
import { neededAccess } from './current-access.ts';
import { admit } from './middleware.ts';
import { actionRule } from './policy.ts';

interface HttpAccessProperties extends NodeDef {
  /** Action of the policy, such as `batch.read`; empty: whoever is recognised. */
  readonly action?: string;
}

export default function (RED: NodeAPI): void {
  function HttpAccess(this: Node, config: HttpAccessProperties) {
    RED.nodes.createNode(this, config);
    const action = config.action?.trim() ?? '';
    const needed = settingsOrRefusal(this, () => {
      if (action !== '' && !actionRule(action)) throw new Error(RED._('http-access.error.unknown-action', { action }));
      return neededAccess();
    });
    if (needed instanceof SettingsRefused) {
      this.status({ fill: 'red', shape: 'ring', text: statusText(RED._('http-access.status.closed')) });
    }
    onCommand(this, async (message, send) => {
      if (!(message.req instanceof IncomingMessage)) throw new TypeError(RED._('http-access.error.no-request'));
      try {
        if (needed instanceof SettingsRefused) throw needed;
        await admit(message.req, neededAccess().web);
        if (action !== '') await authorise(message, action);
      } catch (error) {
        if (!(error instanceof ShopfloorError)) throw error;
        const reply = errorReply(error);
        send([null, Object.assign(message, { statusCode: reply.statusCode, payload: reply.payload })]);
        return;
      }
      send([message, null]);
    });
  }
  RED.nodes.registerType('http-access', HttpAccess);
}
