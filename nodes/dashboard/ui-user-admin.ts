// Node ui-user-admin: the page of accounts; it acts over the routes of the access room, which check every request.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { declareWidget } from '../access/widget-policy.ts';
import { type DashboardGroup, refuseWithoutPlace } from './dashboard-host.ts';

interface UserAdminPageDef extends NodeDef {
  group: string;
}

/** The page acts over HTTP, so nothing that a browser sends over the socket reaches a flow. */
declareWidget('ui-user-admin', {});

export default function (RED: NodeAPI): void {
  function UserAdminPage(this: Node, config: UserAdminPageDef) {
    RED.nodes.createNode(this, config);
    const group = RED.nodes.getNode(config.group) as unknown as DashboardGroup | undefined;
    if (!group) {
      refuseWithoutPlace(this, RED._('ui-user-admin.status.noGroup'));
      return;
    }
    group.register(this, config, {});
  }

  RED.nodes.registerType('ui-user-admin', UserAdminPage);
}
