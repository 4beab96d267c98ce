// The editor's login: answered here instead of by Node-RED, whose own limit lets five wrong guesses of a stranger keep a person out for ten minutes.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ShopfloorError } from '../core/errors.ts';
import { plainText } from '../core/plain-text.ts';
import { readJson } from './json-body.ts';
import { header } from './request-facts.ts';
import { formOf } from './router.ts';
import type { WebAccess } from './web-access.ts';

const loginBytes = 16 * 1024;

/** Whether `request` asks for a token, as Express compares paths: in any case, with or without a slash at the end. */
export function isEditorLogin(request: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  return request.method === 'POST' && /^\/auth\/token\/?$/i.test((request.url ?? '').split('?')[0] ?? '');
}

/** Answers as the editor expects it of an OAuth server (RFC 6749 sections 5.1 and 5.2). Rejects where the store is away. */
export async function answerEditorLogin(
  web: WebAccess,
  isOn: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { username, password } = await credentialsOf(request);
  const caller = { address: web.facts(request).address, device: web.deviceOf(request) };
  const refuse = (statusCode: number) =>
    answer(response, statusCode, { error: 'invalid_grant', error_description: 'Invalid resource owner credentials' });
  if (!isOn) {
    refuse(403);
    return;
  }
  const { logins } = await web.access.ready();
  try {
    const { token } = await logins.openEditor(username, password, caller);
    const lasting = { token_type: 'Bearer', expires_in: Math.floor(web.access.limits.editorMs / 1000) };
    answer(response, 200, { access_token: token, ...lasting });
  } catch (error) {
    if (!(error instanceof ShopfloorError) || error.httpStatus >= 500) throw error;
    refuse(error.httpStatus === 429 ? 429 : 403);
  }
}

async function credentialsOf(
  request: IncomingMessage,
): Promise<{ readonly username: string; readonly password: string }> {
  const isJson = /\bjson\b/i.test(header(request, 'content-type') ?? '');
  const given = isJson ? await readJson(request, loginBytes) : await formOf(request, loginBytes);
  const fields = typeof given === 'object' && given !== null ? (given as Readonly<Record<string, unknown>>) : {};
  return { username: plainText(fields.username), password: plainText(fields.password) };
}

function answer(response: ServerResponse, statusCode: number, body: object): void {
  response.writeHead(statusCode, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
