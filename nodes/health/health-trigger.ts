// Node health-trigger: windows, measures and commands in; replies, alarm transitions, indexes, advice and notifications out.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise, authoriseNamed } from '../access/actor.ts';
import { systemClock } from '../core/clock.ts';
import { onCommand, type Send, statusText, type WireMessage } from '../core/command-input.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import { onFlowsStarted } from '../core/flows-started.ts';
import { successReply } from '../core/http-envelope.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { storeNodeOf } from '../store/connection-contract.ts';
import { noticeOf } from './alarm-notice.ts';
import { parseHealthCommand, parseMeasures, parseWindow } from './command-parser.ts';
import type { HealthSettings } from './component-judge.ts';
import { healthActions } from './health-actions.ts';
import { type HealthTriggerProperties, parseHealthTriggerSettings } from './health-trigger-settings.ts';
import type { ComponentHealth, HealthAlarm, HealthCommand } from './messages.ts';
import { type OpenHealth, openHealth } from './open-health.ts';
import { senderOf } from './sender.ts';
import { SerialWork } from './serial-work.ts';

interface Properties extends NodeDef, HealthTriggerProperties {
  /** Id of the shopfloor-store config node. */
  store?: string;
}

/** Delays and staleness are looked at this often; each look is one indexed query when nothing is due. */
const tickMs = 2_000;

export default function (RED: NodeAPI): void {
  function HealthTrigger(this: Node, config: Properties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => parseHealthTriggerSettings(config), 'warn');
    const work = new SerialWork();
    let opening: Promise<OpenHealth> | undefined;
    const health = (): Promise<OpenHealth> => {
      opening ??= opened(RED, config.store, settings);
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    };
    const message = (topic: string, payload: unknown): WireMessage => ({
      _msgid: RED.util.generateId(),
      topic,
      payload,
    });
    const tellOutbox = async (send: Send) => {
      await (await health()).drain(({ topic, payload }, machineName) => {
        if (topic !== 'health/alarm') {
          send([null, null, null, message(topic, payload), null]);
          return;
        }
        const notice = noticeOf(payload as HealthAlarm, machineName);
        send([null, message(topic, payload), null, null, notice && message('health/notice', notice)]);
      });
    };
    const tellIndexes = (send: Send, changed: readonly ComponentHealth[]) => {
      if (changed.length > 0) send([null, null, changed.map((one) => message('health/index', one)), null, null]);
      this.status({ fill: 'green', shape: 'dot', text: statusText(RED._('health-trigger.status.ready')) });
    };

    onCommand(this, (input, send) =>
      work.run(async () => {
        const { room, queries } = await health();
        if (input.topic === 'production/window') {
          await authorise(input, 'health.measure');
          tellIndexes(send, await room.takeWindow(parseWindow(input.payload)));
        } else if (input.topic === 'health/measure') {
          await authorise(input, 'health.measure');
          tellIndexes(send, await room.takeMeasures(parseMeasures(input.payload)));
        } else {
          await authoriseNamed(input, healthActions, 'health.read');
          const command = parseHealthCommand(input.payload);
          const resource = 'machine' in command && command.machine !== undefined ? { machine: command.machine } : {};
          const actor = (await authorise(input, healthActions[command.command], resource)) ?? senderOf(input);
          const answer = async () => {
            if (command.command !== 'measure') return reply(queries, room, command, actor);
            const changed = await room.takeMeasures(command.measures);
            tellIndexes(send, changed);
            return changed;
          };
          const payload = await answer();
          input.topic = `health/${command.command}`;
          if (input.res === undefined) input.payload = payload;
          else
            Object.assign(input, successReply(command.command === 'history' ? (payload as object) : { data: payload }));
          send([input, null, null, null, null]);
          this.status({ fill: 'green', shape: 'dot', text: statusText(command.command) });
        }
        await tellOutbox(send);
      }),
    );

    const fault = (thrown: unknown) => {
      this.status({ fill: 'red', shape: 'ring', text: statusText(RED._('health-trigger.status.fault')) });
      this.error(asError(thrown).message);
    };
    const ownSend: Send = (messages) => this.send(messages as never);
    let cancelTick = () => {};
    let faulty = false;
    /** What a crash kept back leaves with the first look. */
    const look = async () => {
      const { room } = await health();
      const changed = await room.tick();
      if (changed.length > 0) tellIndexes(ownSend, changed);
      await tellOutbox(ownSend);
    };
    const tick = () => {
      const again = () => {
        if (!work.closed) cancelTick = systemClock.after(tickMs, tick);
      };
      work.run(look).then(
        () => {
          faulty = false;
          again();
        },
        (thrown: unknown) => {
          // Said once, not every two seconds.
          if (!faulty) fault(thrown);
          faulty = true;
          again();
        },
      );
    };
    const begin = () => {
      if (!(settings instanceof ShopfloorError)) tick();
    };
    const forget = onFlowsStarted(RED.events, begin);
    this.on('close', (done: () => void) => {
      forget();
      cancelTick();
      work.close().then(done, done);
    });
  }
  RED.nodes.registerType('health-trigger', HealthTrigger);
}

async function reply(
  queries: OpenHealth['queries'],
  room: OpenHealth['room'],
  command: Exclude<HealthCommand, { command: 'measure' }>,
  actor: ReturnType<typeof senderOf>,
): Promise<unknown> {
  switch (command.command) {
    case 'list':
      return queries.list(command.machine);
    case 'get':
      return queries.get(command.component, command.machine);
    case 'components':
      return queries.components();
    case 'view':
      return queries.view();
    case 'trend':
      return queries.trend(command);
    case 'history':
      return queries.history(command);
    default:
      return room.decide(command, actor);
  }
}

async function opened(RED: NodeAPI, storeId: string | undefined, settings: HealthSettings | ShopfloorError) {
  if (settings instanceof ShopfloorError) throw settings;
  const storeNode = storeNodeOf(RED.nodes.getNode(storeId ?? ''));
  if (!storeNode) {
    throw new ShopfloorError('store-missing', 503, 'This health-trigger node has no store.', {
      hint: 'Choose a shopfloor-store in its settings and deploy.',
    });
  }
  return openHealth(await storeNode.ready(), settings);
}
