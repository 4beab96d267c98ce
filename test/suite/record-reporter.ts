// Mocha's spec reporter that also keeps the record of its file for the run of the whole suite.
import mocha from 'mocha';
import { recordVariable, writeEntry } from './record.ts';

const events = mocha.Runner.constants;

export default class RecordReporter extends mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env[recordVariable];
    if (file === undefined) throw new Error(`${recordVariable} is not set: this reporter is for npm test`);
    const entry = (kind: 'begun' | 'passed' | 'failed' | 'skipped') => (test: Mocha.Runnable) =>
      writeEntry(file, { kind, title: test.fullTitle() });
    runner.on(events.EVENT_TEST_BEGIN, entry('begun'));
    runner.on(events.EVENT_TEST_PASS, entry('passed'));
    runner.on(events.EVENT_TEST_FAIL, entry('failed'));
    runner.on(events.EVENT_TEST_PENDING, entry('skipped'));
    runner.once(events.EVENT_RUN_END, () => writeEntry(file, { kind: 'ended' }));
  }
}
