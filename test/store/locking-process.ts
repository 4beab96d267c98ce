// A program of its own that holds the write lock of a SQLite file until it is told to let go, or ends.
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] ?? '');
database.exec('pragma busy_timeout = 5000; begin immediate');
process.on('message', () => {
  database.exec('rollback');
  database.close();
  process.disconnect();
});
process.send?.('locked');
