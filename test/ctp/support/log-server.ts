// A problem log behind a real HTTP server with the real intake of files: a form in, the node's answer out.
import { installAttachments } from '../../../nodes/attachments/attachments-contract.ts';
import { errorReply, successReply } from '../../../nodes/core/http-envelope.ts';
import type { Asker } from '../../../nodes/ctp/asker.ts';
import { parseCtpCommand } from '../../../nodes/ctp/command-parser.ts';
import { parseCtpSettings } from '../../../nodes/ctp/ctp-settings.ts';
import { openProblemLog } from '../../../nodes/ctp/open-log.ts';
import type { ProblemLog } from '../../../nodes/ctp/problem-log.ts';
import { type FlowCall, UploadServer } from '../../attachments/support/upload-server.ts';
import { people } from '../log-world.ts';

const settings = parseCtpSettings({});
const askers: Readonly<Record<string, Asker>> = people;

export interface LogServer {
  readonly server: UploadServer;
  readonly log: ProblemLog;
  readonly stop: () => Promise<void>;
}

/** @param directory of database and files; a new one when it is left out */
export async function startLogServer(directory?: string): Promise<LogServer> {
  let opening: Promise<ProblemLog> | undefined;
  const flow = async ({ server, request, response }: FlowCall) => {
    opening ??= openProblemLog(server.store, settings);
    const asker = askers[String(request.headers['x-sender'] ?? 'sari')] ?? people.wall;
    const reply = await (async () => {
      const command = parseCtpCommand(request.body, settings.plant);
      const { answer } = await (await opening).execute(command, asker, server.attachments.uploadsOf(request));
      return answer.kind === 'data' ? successReply({ data: answer.data }) : successReply({});
    })().catch(errorReply);
    response.writeHead(reply.statusCode, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply.payload));
  };
  const server = await UploadServer.start({ flow, ...(directory !== undefined && { directory }) });
  installAttachments(server.attachments);
  opening = openProblemLog(server.store, settings);
  const log = await opening;
  const stop = async () => {
    installAttachments(undefined);
    await server.stop();
  };
  return { server, log, stop };
}
