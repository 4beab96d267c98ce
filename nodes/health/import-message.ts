// A file of past stops as it comes into a flow, from a file node or as the body of a request, as the command that it means.
import { InvalidInput } from '../core/errors.ts';

interface FileMessage {
  readonly payload?: unknown;
  readonly topic?: unknown;
  readonly filename?: unknown;
  /** Of an http-in node. */
  readonly req?: unknown;
}

/** Mapped by topic. */
const commands: Readonly<Record<string, string>> = {
  'repair/import': 'import',
  'repair/import-preview': 'import-preview',
};
const longestMapping = 4_000;

/**
 * The payload of a message; with topic `repair/import` or `repair/import-preview` and a file as payload, the command with that file.
 * A request says the rest in its query: `name`, `date_order`, `decimal`, `mapping` as JSON, and `new_machine` once for each machine.
 */
export function withFile({ payload, topic, filename, req }: FileMessage): unknown {
  const command = typeof topic === 'string' ? commands[topic] : undefined;
  const isFile = typeof payload === 'string' || payload instanceof Uint8Array;
  if (command === undefined || !isFile) return payload;
  const query = queryOf(req);
  const one = (name: string) => query.get(name)?.at(-1);
  const name = one('name') ?? (typeof filename === 'string' ? filename : undefined);
  const mapping = one('mapping');
  const newMachines = query.get('new_machine');
  const dateOrder = one('date_order');
  const decimal = one('decimal');
  return {
    command,
    csv: payload,
    ...(command === 'import' && name !== undefined && { name: basename(name) }),
    ...(mapping !== undefined && { mapping: mappingOf(mapping) }),
    ...(dateOrder !== undefined && { date_order: dateOrder }),
    ...(decimal !== undefined && { decimal }),
    ...(command === 'import' && newMachines !== undefined && { new_machines: newMachines }),
  };
}

/** Texts mapped by name, as Express reads a query: a name that comes once is a text, one that comes again a list. */
function queryOf(req: unknown): ReadonlyMap<string, readonly string[]> {
  const query = typeof req === 'object' && req !== null && 'query' in req ? req.query : undefined;
  if (typeof query !== 'object' || query === null) return new Map();
  return new Map(
    Object.entries(query).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string'),
    ]),
  );
}

function mappingOf(text: string): unknown {
  try {
    if (text.length <= longestMapping) return JSON.parse(text);
  } catch {
    // Refused below.
  }
  throw new InvalidInput([{ field: 'mapping', message: 'must be JSON such as {"machine": "Mesin"}' }], 'The import');
}

function basename(path: string): string {
  return path.split(/[\\/]/).at(-1)?.slice(-200) || 'stops.csv';
}
