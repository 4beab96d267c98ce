// Node http-access: stands behind an http-in node and lets only vouched-for requests into the flow.
import { IncomingMessage } from 'node:http';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { onCommand } from '../core/command-input.ts';
import { errorReply } from '../core/http-envelope.ts';
import { accessOptions, admit } from './middleware.ts';

export default function (RED: NodeAPI): void {
  function HttpAccess(this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    onCommand(this, async (message, send) => {
      try {
        if (!(message.req instanceof IncomingMessage)) throw new TypeError(RED._('http-access.error.no-request'));
        admit(message.req, accessOptions());
      } catch (error) {
        if (error instanceof TypeError) throw error;
        const reply = errorReply(error);
        send([null, Object.assign(message, { statusCode: reply.statusCode, payload: reply.payload })]);
        return;
      }
      send([message, null]);
    });
  }
  RED.nodes.registerType('http-access', HttpAccess);
}
