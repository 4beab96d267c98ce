// Node alarm-routing: turns an alarm of any room into a notification for those whom the plant's rules name.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText } from '../core/command-input.ts';
import { SettingsRefused } from '../core/errors.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { AlarmFlood } from './alarm-flood.ts';
import { notificationOf, parseAlarm, reroute } from './alarm-notification.ts';
import { parseAlarmRules } from './alarm-rules.ts';
import { parseNotify } from './notify-input.ts';

interface AlarmRoutingProperties extends NodeDef {
  readonly rules?: unknown;
}

export default function (RED: NodeAPI): void {
  function AlarmRouting(this: Node, config: AlarmRoutingProperties) {
    RED.nodes.createNode(this, config);
    const rules = settingsOrRefusal(this, () => parseAlarmRules(config.rules));
    const flood = new AlarmFlood(systemClock);
    onCommand(this, async (message, send) => {
      if (rules instanceof SettingsRefused) throw rules;
      const { payload } = message;
      const command = isNotice(payload)
        ? reroute(parseNotify(payload), rules)
        : notificationOf(parseAlarm(payload), rules, (code) => flood.judge(code));
      this.status({
        fill: command ? 'green' : 'grey',
        shape: 'dot',
        text: statusText(RED._(`alarm-routing.status.${command ? 'told' : 'silent'}`)),
      });
      if (command) send(Object.assign(message, { topic: 'notify/alarm', payload: command }));
    });
  }
  RED.nodes.registerType('alarm-routing', AlarmRouting);
}

function isNotice(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'command' in payload && payload.command === 'notify';
}
