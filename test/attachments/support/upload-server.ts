// A real HTTP server with the real intake, folder and store, and a route that keeps what it receives.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerError } from '../../../nodes/access/middleware.ts';
import type { AttachmentBook, Attachments } from '../../../nodes/attachments/attachments-contract.ts';
import type { FileArea } from '../../../nodes/attachments/file-area.ts';
import { FileFolder } from '../../../nodes/attachments/file-folder.ts';
import type { Attachment } from '../../../nodes/attachments/messages.ts';
import { attachmentsIn } from '../../../nodes/attachments/open-attachments.ts';
import type { IntakeSettings, UploadIntake } from '../../../nodes/attachments/upload-intake.ts';
import { declareUpload } from '../../../nodes/attachments/upload-rules.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import type { Store } from '../../../nodes/store/store.ts';

declareUpload({ method: 'POST', path: '/files/{owner}', action: 'test.upload' });

export interface UploadReply {
  readonly status: number;
  readonly body: {
    readonly success?: boolean;
    readonly error?: { readonly code: string; readonly message: string };
    readonly fields?: Readonly<Record<string, unknown>>;
    readonly files?: readonly Attachment[];
  };
}

export interface UploadServerOptions {
  readonly settings?: Partial<IntakeSettings>;
  readonly databaseUrl?: string;
  /** Wraps the folder, to spoil it. */
  readonly spoil?: (area: FileArea) => FileArea;
  readonly directory?: string;
  /** Told of each request before its files are read. */
  readonly arrived?: (response: ServerResponse) => void;
  /** What the flow does with an accepted upload; default: keeps it and replies with its rows. */
  readonly flow?: (call: FlowCall) => Promise<void>;
}

export interface FlowCall {
  readonly server: UploadServer;
  readonly request: IncomingMessage & { body?: unknown };
  readonly response: ServerResponse;
  readonly owner: string;
}

export class UploadServer {
  readonly directory: string;
  readonly url: string;
  readonly store: Store;
  readonly attachments: Attachments;
  readonly book: AttachmentBook;
  readonly #server: Server;
  readonly #ownDirectory: boolean;

  static async start(options: UploadServerOptions = {}): Promise<UploadServer> {
    const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'shopfloor-uploads-'));
    const store = await openStore(options.databaseUrl ?? `sqlite:${join(directory, 'plant.sqlite')}`);
    const folder = new FileFolder(join(directory, 'files'));
    const area = options.spoil?.(folder) ?? folder;
    const { attachments, door } = attachmentsIn({ area, settings: { reserveBytes: 0, ...options.settings } });
    const book = await attachments.on(store);
    const server = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => answerError(response, error));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const made = new UploadServer({
      directory,
      url: `http://127.0.0.1:${port}`,
      store,
      attachments,
      book,
      server,
      ownDirectory: options.directory === undefined,
    });
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      options.arrived?.(response);
      const path = request.url ?? '/';
      const name = String(request.headers['x-sender'] ?? 'ani');
      await (door satisfies UploadIntake).take(request, response, path, { name, may: async () => name !== 'stranger' });
      await (options.flow ?? keepAll)({ server: made, request, response, owner: path.split('/')[2] ?? '' });
    };
    return made;
  }

  private constructor(parts: {
    directory: string;
    url: string;
    store: Store;
    attachments: Attachments;
    book: AttachmentBook;
    server: Server;
    ownDirectory: boolean;
  }) {
    this.directory = parts.directory;
    this.url = parts.url;
    this.store = parts.store;
    this.attachments = parts.attachments;
    this.book = parts.book;
    this.#server = parts.server;
    this.#ownDirectory = parts.ownDirectory;
  }

  async send(form: FormData, headers: Record<string, string> = {}, owner = '1'): Promise<UploadReply> {
    const response = await fetch(`${this.url}/files/${owner}`, { method: 'POST', body: form, headers });
    return { status: response.status, body: (await response.json()) as UploadReply['body'] };
  }

  /** Names of all files on the disk, below `incoming` and `kept`. */
  filesOnDisk(): readonly string[] {
    const folder = join(this.directory, 'files');
    return ['incoming', 'kept'].flatMap((part) => {
      try {
        return readdirSync(join(folder, part), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => `${part}/${entry.name}`);
      } catch {
        return [];
      }
    });
  }

  /** Resolves once `condition` holds; what a response's end sets off is awaited by nobody. */
  async settles(condition: () => boolean, what: string): Promise<void> {
    for (let tries = 0; tries < 500; tries += 1) {
      if (condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${what} did not happen; on disk: ${this.filesOnDisk().join(', ')}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.store.close();
    if (this.#ownDirectory) rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function keepAll({ server, request, response, owner }: FlowCall): Promise<void> {
  const files = await server.store.transaction((transaction) =>
    server.book.keep(transaction, server.attachments.uploadsOf(request), {
      room: 'test',
      owner,
      role: null,
      actor: String(request.headers['x-sender'] ?? 'ani'),
    }),
  );
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ success: true, fields: request.body, files }));
}

/** A form with files and fields; a `name` of undefined sends a Blob. */
export function form(parts: readonly (readonly [field: string, value: string | Buffer, name?: string])[]): FormData {
  const made = new FormData();
  for (const [field, value, name] of parts) {
    if (typeof value === 'string') made.append(field, value);
    else made.append(field, new Blob([new Uint8Array(value)]), name ?? 'file');
  }
  return made;
}

/** The area with some methods of the test's own in place of its own. */
export function withMethods(area: FileArea, methods: Partial<FileArea>): FileArea {
  return new Proxy(area, {
    get: (target, name) => {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
