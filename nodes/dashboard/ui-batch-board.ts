// Node ui-batch-board: shows the ledger's batches on a dashboard page and sends what people ask for into the flow.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { declareWidget } from '../access/widget-policy.ts';
import { batchActionOf } from '../batch/batch-actions.ts';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText } from '../core/command-input.ts';
import { asError, SettingsRefused, ShopfloorError } from '../core/errors.ts';
import { answerRefused, settingsOrRefusal } from '../core/refused-settings.ts';
import { nextRunFor } from '../scheduler/next-run.ts';
import { taskStatuses } from '../scheduler/task-registry.ts';
import { readBoardInput } from './board-input.ts';
import { BoardPublisher } from './board-publisher.ts';
import { parseBoardRequest } from './board-request.ts';
import { boardSettings } from './board-settings.ts';
import { type DashboardGroup, refuseWithoutPlace, type WidgetMessage, withOwnInput } from './dashboard-host.ts';
import { refuseWithoutSetting, socketOf } from './list-widget.ts';
import type { BoardReply } from './messages.ts';

interface BatchBoardDef extends NodeDef {
  group: string;
  staleMinutes: string;
  tolerancePercent: string;
}

/** Number of the task that posts to Odoo, in every line. */
const postingTask = 3;

/** The socket guard asks the policy for these before a message reaches this node; the ledger asks again. */
declareWidget('ui-batch-board', {
  history: 'history.read',
  get: 'history.read',
  retry: (payload) => batchActionOf({ ...payload, command: 'retry' }),
  reset: 'batch.reset',
  cancel: 'batch.cancel',
  correct: 'batch.correct',
  clear: 'batch.clear',
  run: 'task.run',
});

export default function (RED: NodeAPI): void {
  function BatchBoard(this: Node, config: BatchBoardDef) {
    RED.nodes.createNode(this, config);
    const group = RED.nodes.getNode(config.group) as unknown as DashboardGroup | undefined;
    if (!group) {
      refuseWithoutPlace(this, RED._('ui-batch-board.status.noGroup'));
      return;
    }
    const settings = settingsOrRefusal(this, () => ({
      ...boardSettings(config, (value) => RED.util.evaluateNodeProperty(value, 'env', this, {})),
      nextRun: (dueAt: string) => nextRunFor(taskStatuses(), postingTask, dueAt),
    }));
    if (settings instanceof SettingsRefused) {
      answerRefused(this, settings);
      return;
    }
    const base = group.getBase();
    if (refuseWithoutSetting(this, base)) return;
    const widget = withOwnInput(this);
    const event = `msg-input:${this.id}`;
    const reply = (payload: BoardReply, client: unknown) =>
      base.emit(event, { topic: 'board/reply', payload, _client: { socketId: socketOf(client) } }, widget);

    const publisher = new BoardPublisher(systemClock, settings.staleAfterSeconds, ({ whole, delta }) => {
      const message = { topic: 'board/view', payload: whole };
      base.stores.data.save(base, widget, message);
      base.emit(event, delta ? { topic: 'board/delta', payload: delta } : message, widget);
      const running = whole.view.lines.flatMap((line) => line.slots).filter((slot) => slot.batch).length;
      this.status({
        fill: 'green',
        shape: 'dot',
        text: statusText(`${running} ${RED._('ui-batch-board.status.batches')}`),
      });
    });

    const onSend = (message: WidgetMessage) => {
      try {
        const { requestId, payload } = parseBoardRequest(message);
        const { command } = payload;
        const output = {
          _client: message._client,
          topic: `board/${command}`,
          payload,
          boardRequest: { requestId, command },
        };
        this.send((command === 'run' ? [null, output] : [output, null]) as never);
      } catch (thrown) {
        const error = asError(thrown);
        const requestId = typeof message.requestId === 'string' ? message.requestId : '';
        reply(
          {
            requestId,
            ok: false,
            code: error instanceof ShopfloorError ? error.code : 'failed',
            message: error.message,
          },
          message._client,
        );
      }
    };

    group.register(widget, config, { onSend });
    onCommand(this, async (message) => {
      const input = readBoardInput(message, settings);
      if (input.kind === 'reply') reply(input.reply, message._client);
      else if (input.kind === 'line') publisher.updateLine(input.line);
      else publisher.replace(input.lines);
    });
    this.on('close', () => publisher.stop());
  }

  RED.nodes.registerType('ui-batch-board', BatchBoard);
}
