// Finds out which Odoo answers and logs in by the right protocol: XML-RPC for 14 to 18, JSON-2 from 19 on with an API key.
import type { HttpPost } from './http-post.ts';
import { openJson2 } from './json2-adapter.ts';
import { OdooError } from './odoo-error.ts';
import type { OdooServer } from './odoo-port.ts';
import type { CallOptions, OdooTransport } from './odoo-transport.ts';
import { firstJson2Series, unknownVersion } from './version-table.ts';
import { type OdooAccount, openXmlRpc, xmlRpcVersion } from './xml-rpc-adapter.ts';

export type ProtocolChoice = 'auto' | 'xml-rpc' | 'json-2';

/** A logged-in transport; rejects with an OdooError that names what to check. */
export async function openTransport(
  http: HttpPost,
  account: OdooAccount,
  choice: ProtocolChoice,
  options: CallOptions,
): Promise<OdooTransport> {
  const server = await askVersion(http, choice, options);
  if (choice === 'json-2') return openJson2(http, account, server, options);
  if (choice === 'xml-rpc' || server.series < firstJson2Series) return openXmlRpc(http, account, server, options);
  try {
    return await openJson2(http, account, server, options);
  } catch (error) {
    // A password is no API key: XML-RPC takes both, as long as this server has it.
    if (error instanceof OdooError && error.login && server.version !== unknownVersion) {
      return openXmlRpc(http, account, server, options);
    }
    throw error;
  }
}

/** Odoo 22 is announced to come without XML-RPC; it can't be asked, and goes by the newest rules over JSON-2. */
async function askVersion(http: HttpPost, choice: ProtocolChoice, options: CallOptions): Promise<OdooServer> {
  try {
    return await xmlRpcVersion(http, options);
  } catch (error) {
    const noXmlRpc = error instanceof OdooError && error.kind === 'protocol';
    if (!noXmlRpc || choice === 'xml-rpc') throw error;
    const server: OdooServer = { series: firstJson2Series, version: unknownVersion, protocol: 'json-2' };
    if (choice === 'json-2') return server;
    // Only a server that has JSON-2 is believed to be such an Odoo; anything else keeps its first answer.
    const hasJson2 = await http
      .post({
        path: '/json/2/res.users/search',
        headers: { 'content-type': 'application/json' },
        body: '{}',
        ...options,
      })
      .then((reply) => reply.status === 401 && reply.contentType.startsWith('application/json'));
    if (hasJson2) return server;
    throw error;
  }
}
