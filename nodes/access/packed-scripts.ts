// Serves this package's own scripts as the build has compressed them: Node-RED would send them as they are, three and a half times as long.
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { header, requestUrl } from './request-facts.ts';

/** As Node-RED mounts them, below the editor's root; a name without a folder, so that no path leads out. */
const script = /\/resources\/@shopfloor\/node-red-dashboard-2-shopfloor\/([\w-]+\.js)$/;

/** Whether the request has been answered. A browser that takes no Brotli, and a package without built scripts, are Node-RED's to serve. */
export async function answerPackedScript(
  request: IncomingMessage,
  response: ServerResponse,
  resources = resourcesFolder(),
): Promise<boolean> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const name = isRead ? script.exec(requestUrl(request).pathname)?.[1] : undefined;
  if (name === undefined || resources === undefined || !takesBrotli(request)) return false;
  const file = join(resources, `${name}.br`);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return false;
  const tag = `"${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}-br"`;
  response.setHeader('etag', tag);
  response.setHeader('vary', 'accept-encoding');
  // Asked for again at each visit, and sent again only when it has changed.
  response.setHeader('cache-control', 'no-cache');
  if (header(request, 'if-none-match') === tag) {
    response.writeHead(304).end();
    return true;
  }
  response.writeHead(200, {
    'content-type': 'text/javascript; charset=utf-8',
    'content-encoding': 'br',
    'content-length': found.size,
  });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
  return true;
}

function takesBrotli(request: IncomingMessage): boolean {
  return (header(request, 'accept-encoding') ?? '')
    .split(',')
    .some((coding) => /^\s*br\s*(?:;\s*q=(?:1(?:\.0*)?|0?\.0*[1-9]\d*)\s*)?$/i.test(coding));
}

/** Of the package, whether this runs from its sources or from what was built of them. */
function resourcesFolder(): string | undefined {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'resources');
  }
  return undefined;
}
