// Sends what waits on this tablet as soon as the server can be reached: each report once, and only by who typed it.
import { ref, shallowRef } from 'vue';
import type { PageSetup } from '../../nodes/access/messages.ts';
import type { CtpProblem } from '../../nodes/ctp/messages.ts';
import { callServer, type ServerAnswer } from '../common/http.ts';
import { addPicked } from './files.ts';
import type { WaitingReport, WaitingStore } from './waiting-store.ts';

/** `kept`: it waits on the tablet. `refused`: the server said no; `unkept`: nothing was sent and the tablet keeps nothing. */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly problem: CtpProblem }
  | { readonly kind: 'kept' }
  | { readonly kind: 'unkept' }
  | { readonly kind: 'refused'; readonly answer: Refusal };

type Refusal = Extract<ServerAnswer<unknown>, { ok: false }>;
type ReportAnswer = ServerAnswer<{ readonly data: CtpProblem }>;

/** Codes below 500 of faults that pass by themselves, or that a person settles elsewhere: the report stays and is tried again. */
const passingCodes = new Set([
  'upload-cut',
  'upload-gone',
  'upload-too-slow',
  'password-change-needed',
  'foreign-origin',
]);

/** While the server starts or is deployed anew the route is not there yet: a bare 404, without this server's own words. */
const bareNotFound = '404';

function passes({ status, code }: Refusal): boolean {
  return (
    status === 0 || code === bareNotFound || status === 401 || status === 429 || status >= 500 || passingCodes.has(code)
  );
}

/** The server is away, or somebody else has taken the tablet over: it waits for its own person. */
const notNow = { ok: false, status: 0, code: 'offline', message: '', fields: [] } as const;

const tryAgainMs = 20_000;

export class WaitingReports {
  /** Everything on this tablet, whoever typed it. */
  readonly all = shallowRef<readonly WaitingReport[]>([]);
  readonly sending = ref(false);
  readonly #store: WaitingStore;
  readonly #userId: string;
  readonly #onSent: (problem: CtpProblem) => void;
  readonly #onOnline = () => void this.flush();
  /** Ids of reports that their form is sending just now: its answer decides about them. */
  readonly #inHand = new Set<string>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(store: WaitingStore, userId: string, onSent: (problem: CtpProblem) => void) {
    this.#store = store;
    this.#userId = userId;
    this.#onSent = onSent;
  }

  /** Tries now, whenever the browser says that the network is back, and every 20 seconds while something waits. */
  start(): void {
    window.addEventListener('online', this.#onOnline);
    this.#timer = setInterval(this.#onOnline, tryAgainMs);
    this.#onOnline();
  }

  stop(): void {
    window.removeEventListener('online', this.#onOnline);
    clearInterval(this.#timer);
  }

  /** On the disk before it leaves: a tablet that goes dark between sending and the answer sends it again, and the server knows it. */
  async send(report: WaitingReport): Promise<SendOutcome> {
    this.#inHand.add(report.commandId);
    try {
      return await this.#sendNow(report);
    } finally {
      this.#inHand.delete(report.commandId);
    }
  }

  async #sendNow(report: WaitingReport): Promise<SendOutcome> {
    let kept = true;
    try {
      await this.#store.put(report);
    } catch {
      kept = false;
    }
    const answer = (await this.#isStillMe()) ? await deliver(report) : notNow;
    if (answer.ok) {
      if (kept) await this.#forget(report.commandId);
      await this.refresh();
      return { kind: 'sent', problem: answer.body.data };
    }
    if (passes(answer)) {
      await this.refresh();
      return { kind: kept ? 'kept' : 'unkept' };
    }
    // The form still shows it; it must not also wait.
    if (kept) await this.#forget(report.commandId);
    await this.refresh();
    return { kind: 'refused', answer };
  }

  readonly flush = async (): Promise<void> => {
    if (this.sending.value) return;
    this.sending.value = true;
    try {
      await this.refresh();
      const mine = this.all.value.filter(({ userId, refusal }) => userId === this.#userId && refusal === undefined);
      if (mine.length > 0 && (await this.#isStillMe())) {
        for (const report of mine) {
          if (this.#inHand.has(report.commandId)) continue;
          if (!(await this.#sendLater(report))) break;
        }
      }
    } finally {
      this.sending.value = false;
    }
  };

  async refresh(): Promise<void> {
    try {
      this.all.value = await this.#store.all();
    } catch {
      this.all.value = [];
    }
  }

  /** Gives a refused report up; only its own person does so, and knowingly. */
  async discard(commandId: string): Promise<void> {
    await this.#forget(commandId);
    await this.refresh();
  }

  /** @returns false when the server could not be reached, so that the others wait too */
  async #sendLater(report: WaitingReport): Promise<boolean> {
    const answer = await deliver(report);
    if (answer.ok) {
      await this.#forget(report.commandId);
      await this.refresh();
      this.#onSent(answer.body.data);
      return true;
    }
    if (passes(answer)) return false;
    const { code, message, fields } = answer;
    await this.#store.put({ ...report, refusal: { code, message, fields } });
    await this.refresh();
    return true;
  }

  /** Another person may have taken the tablet over in another tab; then the session is no longer this one's. */
  async #isStillMe(): Promise<boolean> {
    const answer = await callServer<{ readonly data: PageSetup }>('GET', '/api/access/me');
    return answer.ok && answer.body.data.user.id === this.#userId;
  }

  async #forget(commandId: string): Promise<void> {
    await this.#store.remove(commandId).catch(() => undefined);
  }
}

function deliver({ commandId, fields, files }: WaitingReport): Promise<ReportAnswer> {
  const form = new FormData();
  form.append('commandId', commandId);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  addPicked(form, files, files.some(({ kind }) => kind === 'photo') ? 'before' : null);
  return callServer('POST', '/api/ctp-problem-logs', form);
}
