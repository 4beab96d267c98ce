// Node ui-shop-bar: the bar above every page with breadcrumb, notifications, user menu, language and connection state.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { declareWidget } from '../access/widget-policy.ts';
import { type DashboardBase, refuseWithoutPlace } from './dashboard-host.ts';

interface ShopBarDef extends NodeDef {
  ui: string;
  plant: string;
}

/** The bar has events of its own, so no message of a browser in its name reaches a flow. */
declareWidget('ui-shop-bar', {});

export default function (RED: NodeAPI): void {
  function ShopBar(this: Node, config: ShopBarDef) {
    RED.nodes.createNode(this, config);
    const base = RED.nodes.getNode(config.ui) as unknown as DashboardBase | undefined;
    if (!base) {
      refuseWithoutPlace(this, RED._('ui-shop-bar.status.noBase'));
      return;
    }
    base.register(null, null, this, config, {});
  }

  RED.nodes.registerType('ui-shop-bar', ShopBar);
}
