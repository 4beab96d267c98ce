// Node machine-status-in: what machines say, from the plant's broker or from the flow, acknowledged once it is committed.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { statusText } from '../core/command-input.ts';
import { asError, SettingsRefused } from '../core/errors.ts';
import { plainText } from '../core/plain-text.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { answerRefused, settingsOrRefusal } from '../core/refused-settings.ts';
import type { IntakeUse } from './intake-link.ts';
import { type IntakeCredentials, type IntakeProperties, parseIntakeSettings } from './intake-settings.ts';
import { MachineLiveness } from './machine-liveness.ts';
import { useMqttIntake } from './mqtt-intake.ts';
import { ReadingParser } from './reading-parser.ts';
import { StatusIntake } from './status-intake.ts';

/** The status and the silent machines are looked at this often. */
const lookEveryMs = 2_000;
/** A delivery that nobody settles for so long: no tracker follows, or its database is away. */
const unsettledMs = 15_000;

type IntakeNode = Node<IntakeCredentials>;
type Config = NodeDef & IntakeProperties;

export default function (RED: NodeAPI): void {
  function MachineStatusIn(this: IntakeNode, config: Config) {
    RED.nodes.createNode(this, config);
    const { credentials } = this as { credentials?: IntakeCredentials };
    const settings = settingsOrRefusal(this, () => parseIntakeSettings(config, credentials));
    if (settings instanceof SettingsRefused) {
      answerRefused(this, settings);
      return;
    }
    let use: IntakeUse | undefined;
    let link = { connected: false, detail: '', isContested: false };
    const intake: StatusIntake = new StatusIntake({
      parser: new ReadingParser({ ...settings, plant: plantTimeOf(settings.timeZone), topicFilters: settings.topics }),
      liveness: new MachineLiveness(settings.silenceMs),
      willTopics: settings.willTopics,
      clock: systemClock,
      defer: setImmediate,
      awaitsCommit: settings.awaitsCommit,
      send: (payload) => this.send([{ topic: 'machine/readings', payload }, null] as never),
      onChange: (change) => this.send([null, { topic: 'machine/link', payload: change }]),
      acknowledge: (tickets) => use?.acknowledge(tickets),
      redeliver: () => use?.redeliver(),
    });
    const show = () => {
      const age = intake.lastArrivedMs === undefined ? '–' : ageText(Date.now() - intake.lastArrivedMs);
      const isStuck = intake.oldestOpenMs > unsettledMs;
      const isAway = settings.link !== undefined && !link.connected;
      const key = isStuck ? 'uncommitted' : link.isContested ? 'contested' : isAway ? 'away' : 'age';
      const fill = isStuck || link.isContested ? 'red' : isAway ? 'yellow' : 'green';
      const text = statusText(RED._(`machine-status-in.status.${key}`, { age }));
      this.status({ fill, shape: link.connected ? 'dot' : 'ring', text });
    };
    if (settings.link) {
      use = useMqttIntake(settings.link, {
        onMessage: (message) => intake.arrived(message),
        onLink: (connected, detail, isContested = false) => {
          if (connected !== link.connected || (detail !== '' && detail !== link.detail)) {
            if (connected && detail === '') this.log(RED._('machine-status-in.log.connected'));
            else if (detail !== '') this.warn(detail);
          }
          link = { connected, detail, isContested };
          show();
        },
      });
    }
    const timer = setInterval(() => {
      intake.sweep();
      show();
    }, lookEveryMs);
    show();

    this.on('input', (message, _send, done) => {
      intake.given(message.payload, plainText(message.topic), (ok) =>
        done(ok ? undefined : new Error(RED._('machine-status-in.error.uncommitted'))),
      );
    });
    this.on('close', (done: (error?: Error) => void) => {
      clearInterval(timer);
      intake.close();
      Promise.resolve(use?.close()).then(
        () => done(),
        (error: unknown) => done(asError(error)),
      );
    });
  }
  RED.nodes.registerType<IntakeNode, Config, object, IntakeCredentials>('machine-status-in', MachineStatusIn, {
    credentials: { username: { type: 'text' }, password: { type: 'password' }, ca: { type: 'text' } },
  } as never);
}

/** Such as `5 s`, `3 min`, `2 h`. */
function ageText(ms: number): string {
  if (ms < 120_000) return `${Math.max(0, Math.round(ms / 1000))} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
