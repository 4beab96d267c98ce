// Node notify: stores a notification for roles, departments or people, and hands it to outside channels once.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise } from '../access/actor.ts';
import { neededAccess } from '../access/current-access.ts';
import { onCommand, type Send, statusText, type WireMessage } from '../core/command-input.ts';
import { asError, SettingsRefused } from '../core/errors.ts';
import { onFlowsStarted } from '../core/flows-started.ts';
import { answerRefused, settingsOrRefusal } from '../core/refused-settings.ts';
import { settingText } from '../core/setting-text.ts';
import type { NotifyChannelMessage, NotifyStored } from './messages.ts';
import { parseChannels, parseNotify, parseOwn } from './notify-input.ts';
import { type NotifyRoom, notifyRoom } from './notify-room.ts';
import { answerOwn } from './own-notifications.ts';

interface NotifyProperties extends NodeDef {
  /** Names of the outside channels, one output each: `email, telegram`. */
  readonly channels?: string;
}

export default function (RED: NodeAPI): void {
  function Notify(this: Node, config: NotifyProperties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => ({
      room: notifyRoom(neededAccess()),
      channels: parseChannels(settingText(config.channels)),
    }));
    if (settings instanceof SettingsRefused) {
      answerRefused(this, settings, { replyOutput: 0 });
      return;
    }
    const { room, channels } = settings;

    /** Hands what waits for this node's channels to its outputs, each once. */
    const handOver = async (send: Send, cause: WireMessage) => {
      const notifications = await room.notifications();
      for (const letter of await notifications.waiting(channels)) {
        if (!(await notifications.hand(letter.notification.id, letter.channel))) continue;
        send(onOutput(channels, letter, cause));
      }
    };
    onCommand(
      this,
      async (message, send) => {
        if (isOwnQuestion(message.payload)) {
          send([await answered(room, message)]);
          return;
        }
        await authorise(message, 'notification.send');
        const command = parseNotify(message.payload);
        const { stored, notification } = await room.add(command, channels);
        const reply: NotifyStored = { stored, notification, recipients: command.recipients };
        const key = stored ? 'notify.status.stored' : 'notify.status.known';
        this.status({ fill: stored ? 'green' : 'grey', shape: 'dot', text: statusText(RED._(key)) });
        send([Object.assign(message, { topic: 'notify/stored', payload: reply })]);
        await handOver(send, { _msgid: message._msgid });
      },
      { replyOutput: 0 },
    );
    // What a crash kept back is handed over when the flows run again.
    const resume = () => {
      const send: Send = (messages) => this.send(messages as never);
      handOver(send, { _msgid: RED.util.generateId() }).catch((thrown: unknown) => {
        this.status({ fill: 'red', shape: 'ring', text: statusText(RED._('notify.status.off')) });
        this.error(asError(thrown).message);
      });
    };
    const forget = onFlowsStarted(RED.events, resume);
    this.on('close', (done: () => void) => {
      forget();
      done();
    });
  }
  RED.nodes.registerType('notify', Notify);
}

function isOwnQuestion(payload: unknown): boolean {
  const command = typeof payload === 'object' && payload !== null && 'command' in payload ? payload.command : undefined;
  return command === 'list' || command === 'read';
}

/** The person's own notifications, over HTTP only: a token has none. */
async function answered(room: NotifyRoom, message: WireMessage): Promise<WireMessage> {
  const command = parseOwn(message.payload);
  await authorise(message, command.command === 'read' ? 'notification.mark' : 'notification.read');
  const person = await neededAccess().web.personBehind(message.req);
  const { statusCode, payload } = await answerOwn(room, person.id, command);
  return Object.assign(message, { topic: `notify/${command.command}`, statusCode, payload });
}

/** The first output is for what was stored; each channel has its own after it. */
function onOutput(channels: readonly string[], letter: NotifyChannelMessage, cause: WireMessage) {
  const before = Array<null>(1 + channels.indexOf(letter.channel)).fill(null);
  return [...before, { _msgid: cause._msgid, topic: `notify/${letter.channel}`, payload: letter }];
}
