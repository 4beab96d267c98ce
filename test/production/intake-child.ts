// A process that runs the intake and the tracker as their nodes join them, until it is killed: broker, database and client id by arguments.
import { systemClock } from '../../nodes/core/clock.ts';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { CumulativeCounter } from '../../nodes/production/cumulative-counter.ts';
import type { IntakeUse } from '../../nodes/production/intake-link.ts';
import { parseIntakeSettings } from '../../nodes/production/intake-settings.ts';
import { MachineLiveness } from '../../nodes/production/machine-liveness.ts';
import { useMqttIntake } from '../../nodes/production/mqtt-intake.ts';
import { ReadingParser } from '../../nodes/production/reading-parser.ts';
import { StatusIntake } from '../../nodes/production/status-intake.ts';
import { parseTrackerSettings } from '../../nodes/production/tracker-settings.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { threeShifts } from './tracker-world.ts';

const [url = '', database = '', clientId = ''] = process.argv.slice(2);
const settings = parseIntakeSettings({ url, clientId, topics: 'kill/+/status' }, {}, {});
const counter = new CumulativeCounter({
  store: await openStore(database),
  calendar: threeShifts(),
  settings: parseTrackerSettings({ unknownMachine: 'accept', maxPerHour: 0, countFirst: true }),
  clock: systemClock,
});
let use: IntakeUse | undefined;
const intake: StatusIntake = new StatusIntake({
  parser: new ReadingParser({ ...settings, plant: plantTimeOf(settings.timeZone), topicFilters: settings.topics }),
  liveness: new MachineLiveness(0),
  willTopics: [],
  clock: systemClock,
  defer: setImmediate,
  awaitsCommit: true,
  send: (batch) => setImmediate(() => counter.take(batch)),
  onChange: () => {},
  acknowledge: (tickets) => use?.acknowledge(tickets),
  redeliver: () => use?.redeliver(),
});
if (settings.link) {
  use = useMqttIntake(settings.link, {
    onMessage: (message) => intake.arrived(message),
    onLink: (connected) => process.send?.({ connected }),
  });
}
process.on('disconnect', () => process.exit(0));
