// Node alarm-routing: turns an alarm of any room into a notification for those whom the plant's rules name.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText } from '../core/command-input.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import { AlarmFlood } from './alarm-flood.ts';
import { notificationOf, parseAlarm, reroute } from './alarm-notification.ts';
import { type AlarmRule, parseAlarmRules } from './alarm-rules.ts';
import { parseNotify } from './notify-input.ts';

interface AlarmRoutingProperties extends NodeDef {
  readonly rules?: unknown;
}

export default function (RED: NodeAPI): void {
  function AlarmRouting(this: Node, config: AlarmRoutingProperties) {
    RED.nodes.createNode(this, config);
    const rules = rulesOf(this, config);
    const flood = new AlarmFlood(systemClock);
    onCommand(this, async (message, send) => {
      if (rules instanceof ShopfloorError) throw rules;
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

/** Wrong rules make the node red at once, and every alarm is answered with what is wrong with them. */
function rulesOf(node: Node, config: AlarmRoutingProperties): readonly AlarmRule[] | ShopfloorError {
  try {
    return parseAlarmRules(config.rules);
  } catch (thrown) {
    node.status({ fill: 'red', shape: 'ring', text: 'settings' });
    node.error(asError(thrown).message);
    return new ShopfloorError('settings-wrong', 503, asError(thrown).message);
  }
}
