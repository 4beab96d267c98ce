// A command that a PIN or badge does not carry: the page asks for the password once, then sends the command again.
import { readonly, ref } from 'vue';

/** What the server answers where the password is missing. */
export const passwordNeeded = 'password-needed';

const open = ref(false);
/** Whether the dialog is to be shown; the bar shows it above every page. */
export const passwordAsked = readonly(open);

/** Everybody who waits for the answer of the one dialog. */
const waiting: ((given: boolean) => void)[] = [];

/** Resolves with true once the password is confirmed, and with false when the person gives up. */
export function askPassword(): Promise<boolean> {
  open.value = true;
  return new Promise((resolve) => waiting.push(resolve));
}

export function settlePassword(given: boolean): void {
  open.value = false;
  for (const resolve of waiting.splice(0)) resolve(given);
}

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
}

/** For the first answer to a request: says `again` once the password is given for it, and `done` with the answer otherwise. */
export function orWithPassword<Given extends Answer>(
  answer: Given,
  done: (answer: Given) => void,
  again: () => void,
): void {
  if (answer.ok || answer.code !== passwordNeeded) done(answer);
  else void askPassword().then((given) => (given ? again() : done(answer)));
}
