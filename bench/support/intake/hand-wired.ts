// What an engineer wires by hand today with nodes of the core alone: mqtt in -> function -> a row per message, each its own commit.
import { benchTopics } from './status-messages.ts';

export interface HandWiredOptions {
  readonly port: number;
  readonly clientId: string;
  /** SQLite file; the same settings as the package's own store: WAL, `synchronous=FULL`. */
  readonly database: string;
}

/** Needs `functionExternalModules: true` in the settings; the table is `message (machine, production, defects, at)`. */
export function handWiredFlow({ port, clientId, database }: HandWiredOptions): readonly object[] {
  return [
    { id: 'tab', type: 'tab', label: 'by hand' },
    {
      id: 'broker',
      type: 'mqtt-broker',
      name: '',
      broker: '127.0.0.1',
      port: String(port),
      clientid: clientId,
      autoConnect: true,
      usetls: false,
      protocolVersion: '4',
      keepalive: '60',
      cleansession: false,
      autoUnsubscribe: false,
    },
    {
      id: 'in',
      type: 'mqtt in',
      z: 'tab',
      topic: benchTopics,
      qos: '1',
      datatype: 'json',
      broker: 'broker',
      inputs: 0,
      wires: [['row']],
    },
    {
      id: 'row',
      type: 'function',
      z: 'tab',
      name: 'a row per message',
      // The function node knows `module`, and nothing newer, as built in.
      libs: [{ var: 'nodeModule', module: 'module' }],
      initialize: [
        "const sqlite = nodeModule.createRequire('/')('node:sqlite');",
        `const db = new sqlite.DatabaseSync(${JSON.stringify(database)});`,
        "db.exec('pragma journal_mode = wal; pragma synchronous = full');",
        "db.exec('create table if not exists message (machine text, production integer, defects integer, at text)');",
        "context.set('insert', db.prepare('insert into message values (?, ?, ?, ?)'));",
      ].join('\n'),
      func: [
        'const { machine_id, cumulative_production, cumulative_defects, timestamp } = msg.payload;',
        "context.get('insert').run(machine_id, cumulative_production, cumulative_defects, timestamp);",
        'return null;',
      ].join('\n'),
      outputs: 1,
      wires: [[]],
    },
  ];
}
