// A process that takes uploads until it is killed: directory as its argument, its address on the first line that it prints.
import { UploadServer } from './upload-server.ts';

const [directory = ''] = process.argv.slice(2);
const server = await UploadServer.start({ directory });
process.stdout.write(`${server.url}\n`);
