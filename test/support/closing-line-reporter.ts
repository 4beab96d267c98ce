// Mocha's spec reporter with the one closing line that continuous integration reads.
import mocha from 'mocha';

const { EVENT_RUN_END } = mocha.Runner.constants;

export default class ClosingLineReporter extends mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      // After Spec's own epilogue, so that it is the last thing on the terminal.
      setImmediate(() => process.stdout.write(`\n${passes} passed, ${failures} failed, ${pending} skipped\n`));
    });
  }
}
