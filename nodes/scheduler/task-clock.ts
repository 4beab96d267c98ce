// Node task-clock: starts a task on its interval and by hand, one run at a time, and logs it as [TASK n].
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise } from '../access/actor.ts';
import { systemClock } from '../core/clock.ts';
import { onCommand, type Send, statusText, type WireMessage } from '../core/command-input.ts';
import { InvalidInput, SettingsRefused } from '../core/errors.ts';
import { onFlowsStarted } from '../core/flows-started.ts';
import { successReply } from '../core/http-envelope.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { standInsReady } from '../core/stand-ins.ts';
import { intervalText } from './interval-text.ts';
import type { TaskStart } from './messages.ts';
import { Task } from './task.ts';
import { registerTask, taskStatuses, unregisterTask } from './task-registry.ts';
import { parseTaskSettings, type TaskClockProperties } from './task-settings.ts';

export default function (RED: NodeAPI): void {
  function TaskClock(this: Node, config: NodeDef & TaskClockProperties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => parseTaskSettings(config));
    if (settings instanceof SettingsRefused) {
      const refuse = async (message: WireMessage) => {
        await authorise(message, commandOf(message.payload) === 'status' ? 'task.read' : 'task.run');
        throw settings;
      };
      onCommand(this, refuse, { replyOutput: 1 });
      return;
    }
    const tag = `[TASK ${settings.task}]`;
    /** Two lines have tasks of the same number. */
    const line = settings.line === '' ? '' : `, ${settings.line}`;
    const pace = settings.enabled ? intervalText(settings.intervalSeconds) : RED._('task-clock.status.by-hand');
    this.log(`${tag} ${settings.title}: ${settings.enabled ? 'every ' : ''}${pace}${line}`);
    this.status({ fill: 'grey', shape: 'ring', text: statusText(pace) });
    const task = new Task(settings, systemClock, {
      onStart: (run) => {
        this.log(`${tag} ${settings.title}: started${line}`);
        this.status({ fill: 'blue', shape: 'dot', text: statusText(RED._('task-clock.status.running')) });
        const start: TaskStart = { command: 'begin', task: settings.task, title: settings.title };
        const message: WireMessage = {
          _msgid: RED.util.generateId(),
          topic: 'task/begin',
          taskRun: run,
          payload: start,
        };
        this.send([message, null, null]);
      },
      onSkip: () => this.warn(`${tag} ${settings.title}: still running, this tick is skipped${line}`),
      onEnd: (outcome, durationMs, note) => {
        const text = `${tag} ${settings.title}: ${outcome} in ${durationMs} ms${line}${note ? ` - ${note}` : ''}`;
        if (outcome === 'done') this.log(text);
        else this.warn(text);
        this.status({
          fill: outcome === 'done' ? 'green' : 'red',
          shape: 'dot',
          text: statusText(`${RED._(`task-clock.status.${outcome}`)}, ${pace}`),
        });
      },
      onAlarm: (alarm) => {
        this.send([null, null, { _msgid: RED.util.generateId(), topic: 'task/alarm', payload: alarm } as WireMessage]);
      },
    });

    const take = async (message: WireMessage, send: Send) => {
      const command = commandOf(message.payload);
      await authorise(message, command === 'status' ? 'task.read' : 'task.run');
      if (command === 'done' || command === 'failed') {
        task.end(String(message.taskRun), command, noteOf(message));
        return;
      }
      if (command === 'run') {
        const run = task.run();
        const data = { task: settings.task, title: settings.title, started: run !== undefined };
        const reply = successReply({ data: run ? data : { ...data, reason: 'it is still running' } }, 202);
        send([null, Object.assign(message, reply, { topic: 'task/run' })]);
        return;
      }
      send([null, Object.assign(message, successReply({ data: taskStatuses() }), { topic: 'task/status' })]);
    };
    onCommand(this, take, { replyOutput: 1 });

    registerTask(this.id, task);
    let closed = false;
    const begin = () => {
      // With a simulated PLC that does not listen yet the first run would fail, and nothing is wrong.
      void standInsReady(systemClock).then(() => {
        if (!closed) task.start();
      });
    };
    const forget = onFlowsStarted(RED.events, begin);
    this.on('close', (done: () => void) => {
      closed = true;
      forget();
      task.stop();
      unregisterTask(this.id, task);
      done();
    });
  }
  RED.nodes.registerType('task-clock', TaskClock);
}

function commandOf(payload: unknown): 'run' | 'done' | 'failed' | 'status' {
  const command = typeof payload === 'object' && payload !== null && 'command' in payload ? payload.command : 'run';
  if (command === 'run' || command === 'done' || command === 'failed' || command === 'status') return command;
  throw new InvalidInput([
    { field: 'payload.command', message: `"${String(command)}" is not run, done, failed or status` },
  ]);
}

/** Why the run ended as it did: the error of a Catch node, or the note that the end of the chain wrote. */
function noteOf(message: WireMessage): string | undefined {
  const error = message.error;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return typeof message.taskNote === 'string' ? message.taskNote : undefined;
}
