// What a browser does towards the plant: keeps cookies, sends its origin, opens the dashboard's socket.
import { io, type Socket } from 'socket.io-client';

export interface UiConfig {
  readonly pages: Readonly<Record<string, { readonly path: string }>>;
  readonly groups: Readonly<Record<string, unknown>>;
  readonly widgets: Readonly<Record<string, unknown>>;
}

export interface Received {
  readonly event: string;
  readonly args: readonly unknown[];
}

/** An open dashboard page. */
export interface OpenSocket {
  readonly socket: Socket;
  readonly config: UiConfig;
  /** Every event that came, the configuration included. */
  readonly received: readonly Received[];
  next(event: string): Promise<readonly unknown[]>;
  close(): void;
}

export class Browser {
  readonly url: string;
  readonly #cookies = new Map<string, string>();
  readonly #open: Socket[] = [];

  constructor(url: string) {
    this.url = url;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  cookieValue(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookie !== '' && !headers.has('cookie')) headers.set('cookie', this.cookie);
    if (!headers.has('origin') && (init.method ?? 'GET') !== 'GET') headers.set('origin', this.url);
    const response = await fetch(`${this.url}${path}`, { redirect: 'manual', ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0/i.test(line)) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** A person looks at a page. */
  look(path: string): Promise<Response> {
    return this.fetch(path, { headers: { accept: 'text/html,application/xhtml+xml' } });
  }

  json(method: string, path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, {
      method,
      ...(method !== 'GET' && { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  /** Fills the form of a plain page and sends it. */
  async submit(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const form = await (await this.look(path)).text();
    const hidden = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)];
    // A page may have several forms, each with the same token.
    const body = new URLSearchParams(Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])));
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return this.fetch(path.replace(/\?.*/, ''), { method: 'POST', body });
  }

  async logIn(login: string, password: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
    const response = await this.submit('/login', { login, password, ...more });
    if (response.status !== 303) throw new Error(`${login} was not let in: ${response.status}`);
    return response;
  }

  /** Opens the dashboard's socket and waits for its configuration; rejects with the reason of a refusal. */
  async openSocket(headers: Readonly<Record<string, string>> = {}): Promise<OpenSocket> {
    const socket = io(this.url, {
      path: '/dashboard/socket.io',
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders: { cookie: this.cookie, origin: this.url, ...headers },
    });
    this.#open.push(socket);
    const received: Received[] = [];
    const config = new Promise<UiConfig>((resolve, reject) => {
      socket.on('connect_error', (error) => {
        socket.close();
        reject(error);
      });
      socket.onAny((event: string, ...args: unknown[]) => {
        received.push({ event, args });
        if (event === 'ui-config') resolve(args[1] as UiConfig);
      });
    });
    return {
      socket,
      config: await config,
      received,
      next: (event) => new Promise((resolve) => socket.once(event, (...args: unknown[]) => resolve(args))),
      close: () => socket.close(),
    };
  }

  close(): void {
    for (const socket of this.#open) socket.close();
  }
}
