// Worker thread that parses one large XML-RPC reply.
import { parentPort, workerData } from 'node:worker_threads';
import { parseXmlRpc } from './xml-rpc-parser.ts';

parentPort?.postMessage(JSON.stringify(await parseXmlRpc(workerData as Uint8Array)));
