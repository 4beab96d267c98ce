// The clock of the machine, for children that get a bare environment: `npm run test:long` moves it by these variables.

const names = ['LD_PRELOAD', 'FAKETIME', 'FAKETIME_DONT_FAKE_MONOTONIC', 'TZ'];

/** Without them a child would live at another time than the test that started it. */
export function machineClock(): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
