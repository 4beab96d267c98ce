// A process that keeps a problem log until it is killed: its directory is its argument, its address its first message.
import { startLogServer } from './log-server.ts';

const { server } = await startLogServer(process.argv[2]);
process.send?.(server.url);
process.on('disconnect', () => process.exit(0));
