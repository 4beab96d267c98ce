// What is done through the editor's API stands in the audit trail: deployments and every other change, and who was refused.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { recordAudit } from './audit.ts';
import { header, isUnsafe, requestUrl } from './request-facts.ts';
import type { WebAccess } from './web-access.ts';

/** What Passport leaves on a request that Node-RED's own guard has let in. */
interface EditorRequest {
  readonly user?: { readonly username?: unknown };
  readonly authInfo?: { readonly scope?: unknown };
}

/** The editor keeps its own look there: no change of the plant, and after every click. */
const ownLook = /\/settings\/user\/?$/i;

/** Looks at the answer: only then it is known who asked, and whether it was done. */
export function watchEditor(request: IncomingMessage, response: ServerResponse, web: WebAccess): void {
  const { pathname } = requestUrl(request);
  const { address } = web.facts(request);
  const isChange = isUnsafe(request) && !ownLook.test(pathname);
  const isTokenSent = header(request, 'authorization') !== undefined;
  if (!isChange && !isTokenSent) return;
  response.once('finish', () => {
    const { user, authInfo } = request as EditorRequest;
    const actor = authInfo !== undefined && typeof user?.username === 'string' ? user.username : undefined;
    const { statusCode } = response;
    if (actor === undefined) {
      // Where editor and flows share their root, flows answer here, too; only Node-RED's own guard sets this header.
      if (isTokenSent && statusCode === 401 && response.hasHeader('www-authenticate')) {
        const subject = `${request.method} ${pathname}`;
        web.access.noteRefusal({ type: 'editor-refused', actor: 'unknown', subject, address });
      }
      return;
    }
    if (!isChange || statusCode >= 300) return;
    const deployment = header(request, 'node-red-deployment-type');
    const entry = {
      type: /\/flows\/?$/i.test(pathname) ? 'flows-deployed' : 'editor-change',
      subject: `${request.method} ${pathname}`.slice(0, 200),
      detail: deployment === undefined ? {} : { deployment: deployment.slice(0, 20) },
    };
    web.access
      .ready()
      .then(({ store }) => recordAudit(store, web.access.clock.now().toISOString(), { actor, address }, entry))
      .catch((error: unknown) =>
        process.stderr.write(`[shopfloor] The trail misses ${entry.subject}: ${String(error)}\n`),
      );
  });
}
