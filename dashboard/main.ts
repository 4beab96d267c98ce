// Hands every widget type to the dashboard: it looks for `window[<type>][<component>]` after loading this script. What draws the
// charts is fetched when the page has come to rest, so that a tablet has it before its connection goes.
import type { Component } from 'vue';
import ShopBar from './bar/ShopBar.vue';
import BatchBoard from './board/BatchBoard.vue';
import { drawing } from './charts/drawing.ts';
import { installStyles } from './common/styles.ts';
import CtpAndon from './ctp/CtpAndon.vue';
import CtpLog from './ctp/CtpLog.vue';
import CtpMachine from './ctp/CtpMachine.vue';
import EquipmentPage from './equipment/EquipmentPage.vue';
import HealthPage from './health/HealthPage.vue';
import UserAdmin from './people/UserAdmin.vue';
import ProductionPage from './production/ProductionPage.vue';

const widgets: Readonly<Record<string, Readonly<Record<string, Component>>>> = {
  'ui-shop-bar': { ShopBar },
  'ui-batch-board': { BatchBoard },
  'ui-user-admin': { UserAdmin },
  'ui-ctp-log': { CtpLog },
  'ui-ctp-machine': { CtpMachine },
  'ui-ctp-andon': { CtpAndon },
  'ui-production': { ProductionPage },
  'ui-health': { HealthPage },
  'ui-equipment': { EquipmentPage },
};

installStyles();
Object.assign(window, widgets);
(window.requestIdleCallback ?? setTimeout)(() => void drawing());
