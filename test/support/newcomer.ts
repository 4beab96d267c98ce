// A newcomer with Node-RED and README.md: installs, takes the example settings, logs in, imports examples, fills in addresses, deploys.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { linkDashboard, linkPackage } from '../../deploy/user-directory.ts';
import { Browser } from '../access/support/browser.ts';
import { type NodeRedLeg, type NodeRedProcess, startUserDirectory } from './node-red-process.ts';

const packageRoot = dirname(dirname(import.meta.dirname));
const packageName = '@shopfloor/node-red-dashboard-2-shopfloor';

export type FlowNode = { readonly id: string; readonly type: string } & Readonly<Record<string, unknown>>;

/** What the newcomer types into a configuration node, by its name; `credentials` as the editor sends them. */
export type Typed = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Installs a packed package into an empty user directory with the npm of that Node-RED's palette manager. */
export function installTarball(leg: NodeRedLeg, tarball: string, userDirectory: string): void {
  mkdirSync(userDirectory, { recursive: true });
  writeFileSync(join(userDirectory, 'package.json'), '{"name":"empty-plant","version":"0.0.1","private":true}\n');
  const flags = ['--no-audit', '--no-update-notifier', '--no-fund', '--save-prefix=~', '--omit=dev', '--engine-strict'];
  const { status, stderr } = spawnSync(leg.node, [leg.npm, 'install', '--prefer-offline', ...flags, tarball], {
    cwd: userDirectory,
    encoding: 'utf8',
    timeout: 240_000,
  });
  assert.equal(status, 0, `npm could not install the package:\n${stderr}`);
}

/** The built package in an empty user directory, as if it had been installed. */
export function installBuilt(userDirectory: string): void {
  mkdirSync(userDirectory, { recursive: true });
  linkPackage(userDirectory, packageRoot);
  const { resolve } = createRequire(join(packageRoot, 'package.json'));
  linkDashboard(userDirectory, dirname(resolve('@flowfuse/node-red-dashboard/package.json')));
}

export class Newcomer {
  readonly nodeRed: NodeRedProcess;
  readonly browser: Browser;
  /** Of the login `admin`, as the log printed it. */
  readonly password: string;
  readonly #root: string;
  readonly #editorToken: string;
  #flows: readonly FlowNode[] = [];

  private constructor(nodeRed: NodeRedProcess, browser: Browser, password: string, root: string, editorToken: string) {
    this.nodeRed = nodeRed;
    this.browser = browser;
    this.password = password;
    this.#root = root;
    this.#editorToken = editorToken;
  }

  /**
   * Copies the example settings.js, starts Node-RED without any environment variable, and logs in as the log says.
   * @param root `httpRoot` of a settings.js that is there already
   */
  static async arrive(leg: NodeRedLeg, userDirectory: string, root = ''): Promise<Newcomer> {
    const example = join(userDirectory, 'node_modules', packageName, 'deploy', 'palette', 'settings.js');
    const settings = join(userDirectory, 'settings.js');
    if (!existsSync(settings)) cpSync(example, settings);
    const nodeRed = await startUserDirectory({ leg, userDirectory, readyWithinMs: 120_000 });
    try {
      const line = await nodeRed.logged(/First administrator: login admin, password \S+/);
      const password = /password (\S+)/.exec(line)?.[1] ?? '';
      const browser = new Browser(new URL(nodeRed.url).origin);
      const entered = await browser.submit(`${root}/login`, { login: 'admin', password });
      assert.equal(entered.status, 303);
      const login = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username: 'admin', password };
      const { status, body } = await Newcomer.#json(`${new URL(nodeRed.url).origin}${root}/auth/token`, {
        method: 'POST',
        body: JSON.stringify(login),
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(status, 200, JSON.stringify(body));
      return new Newcomer(nodeRed, browser, password, root, String((body as { access_token?: string }).access_token));
    } catch (error) {
      await nodeRed.kill();
      throw error;
    }
  }

  /** Import > Examples, one after the other; what the canvas then holds is deployed by `deploy`. */
  async importExamples(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const { status, body } = await this.#editor('GET', `library/examples/flows/${packageName}/${name}`);
      assert.equal(status, 200, `example ${name}`);
      this.#flows = [...this.#flows, ...(body as readonly FlowNode[])];
    }
  }

  /** Names of the entries of Import > Examples. */
  async exampleNames(): Promise<readonly string[]> {
    const { body } = await this.#editor('GET', `library/examples/flows/${packageName}`);
    return (body as readonly { readonly fn?: string }[]).flatMap(({ fn }) => (fn === undefined ? [] : [fn]));
  }

  /** Opens configuration nodes by name and types into them. */
  type(typed: Typed): void {
    const missing = new Set(Object.keys(typed));
    this.#flows = this.#flows.map((node) => {
      const name = String(node.name);
      if (typed[name] === undefined || 'wires' in node) return node;
      missing.delete(name);
      return { ...node, ...typed[name] };
    });
    assert.deepEqual([...missing], [], 'no configuration node has this name');
  }

  /** Changes the canvas by hand; what it returns is what the next deploy sends. */
  edit(change: (flows: readonly FlowNode[]) => readonly FlowNode[]): void {
    this.#flows = change(this.#flows);
  }

  async deploy(): Promise<void> {
    const { status, body } = await this.#editor('POST', 'flows', { flows: this.#flows });
    assert.equal(status, 200, JSON.stringify(body));
  }

  /** A route of the plant, as the person in the browser. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const reply = await this.browser.json(method, path, body);
    const text = await reply.text();
    // Between two deploys there is no flow that answers, and Express says so in HTML.
    const isJson = reply.headers.get('content-type')?.includes('json') === true;
    return { status: reply.status, body: isJson ? (JSON.parse(text) as unknown) : undefined };
  }

  /** Asks again until `accept` is true; rejects with the last answer when time is over. */
  async until(path: string, accept: (body: unknown) => boolean, withinMs: number): Promise<unknown> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const { body } = await this.ask('GET', path);
      if (accept(body)) return body;
      if (Date.now() > deadline) {
        assert.fail(`${path} still says ${JSON.stringify(body).slice(0, 2_000)}\n${this.nodeRed.log()}`);
      }
      await wait(200);
    }
  }

  /** Presses *run now* for tasks 1 to 3 until an order is archived; resolves to the first one. */
  async firstArchived(withinMs: number): Promise<unknown> {
    const deadline = Date.now() + withinMs;
    const tasks = ['trigger-sync', 'manual/trigger-plc-sync', 'manual/trigger-process-completed'];
    for (;;) {
      for (const task of tasks) await this.ask('POST', `/api/admin/${task}`);
      const { body } = await this.ask('GET', '/api/admin/history');
      const [first] = (body as { readonly data?: readonly unknown[] } | undefined)?.data ?? [];
      if (first !== undefined) return first;
      if (Date.now() > deadline) assert.fail(`no order was archived\n${this.nodeRed.log()}`);
      await wait(500);
    }
  }

  async leave(): Promise<void> {
    this.browser.close();
    await this.nodeRed.stop();
  }

  #editor(method: string, path: string, body?: unknown) {
    return Newcomer.#json(`${new URL(this.nodeRed.url).origin}${this.#root}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#editorToken}`,
        'content-type': 'application/json',
        'node-red-api-version': 'v2',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  static async #json(url: string, init: RequestInit) {
    const reply = await fetch(url, init);
    const text = await reply.text();
    return { status: reply.status, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
  }
}
