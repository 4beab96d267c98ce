// Narrows what a browser sent to a request of the page Production or Health; an unknown field never reaches the flow.
import { InvalidInput } from '../core/errors.ts';
import { FieldReader } from '../core/field-reader.ts';
import type { HealthCommand } from '../health/messages.ts';
import type { ProductionPageRequest, QuarantineChoice } from '../production/page-contract.ts';
import type { EquipmentRequest } from './equipment-messages.ts';
import { equipmentRequestOf } from './equipment-request.ts';

const longestReason = 500;
const largestList = 200;
/** Shelving for longer than a week is taking a machine out of service, which is another decision. */
const longestShelfMinutes = 7 * 24 * 60;

export type HealthRequest = Extract<
  HealthCommand,
  { readonly command: 'trend' | 'history' | 'acknowledge' | 'shelve' | 'unshelve' }
>;

export interface PageRequest<Payload> {
  readonly requestId: string;
  readonly payload: Payload;
}

interface BrowserMessage {
  readonly payload?: unknown;
  readonly requestId?: unknown;
}

/** Throws InvalidInput with every fault. */
export function parseProductionRequest(message: BrowserMessage): PageRequest<ProductionPageRequest> {
  return parse(message, 'the page Production', (read): ProductionPageRequest | undefined => {
    const machine = () => read.words('machine');
    const command = read.raw('command');
    switch (command) {
      case 'shifts':
        return { command, machine: machine(), limit: read.whole('limit', 1, largestList) };
      case 'timeline':
        return { command, machine: machine(), from: read.words('from', 40), to: read.words('to', 40) };
      case 'stops':
        return { command, ...optional(read, 'machine'), limit: read.whole('limit', 1, largestList) };
      case 'reasons':
        return { command };
      case 'reason':
        return {
          command,
          machine: machine(),
          span: read.whole('span'),
          reason: read.words('reason'),
          ...optional(read, 'previous'),
          ...optional(read, 'note', longestReason),
          commandId: read.words('commandId'),
        };
      case 'quarantine':
        return {
          command,
          limit: read.whole('limit', 1, largestList),
          ...(read.has('before') && { before: read.whole('before', 1) }),
        };
      case 'replay':
        return { command, id: read.whole('id', 1), commandId: read.words('commandId') };
      case 'dismiss':
        return {
          command,
          id: read.whole('id', 1),
          reason: read.words('reason', longestReason),
          commandId: read.words('commandId'),
        };
      case 'machine':
        return { command, id: read.words('id', 64), commandId: read.words('commandId') };
      case 'replay-all':
        return {
          command,
          ...quarantineChoice(read),
          ...(read.has('after') && { after: read.whole('after', 1) }),
          commandId: read.words('commandId'),
        };
      case 'dismiss-all':
        return {
          command,
          ...quarantineChoice(read),
          reason: read.words('reason', longestReason),
          commandId: read.words('commandId'),
        };
      default:
        return undefined;
    }
  });
}

function quarantineChoice(read: FieldReader): QuarantineChoice {
  return {
    machine: read.raw('machine') === null ? null : read.words('machine'),
    code: read.words('code'),
    upTo: read.whole('upTo', 1),
  };
}

/** Throws InvalidInput with every fault. */
export function parseHealthRequest(message: BrowserMessage): PageRequest<HealthRequest> {
  return parse(message, 'the page Health', (read): HealthRequest | undefined => {
    const component = () => ({ machine: read.words('machine'), component: read.words('component') });
    const command = read.raw('command');
    switch (command) {
      case 'trend':
        return { command, ...component(), ...optional(read, 'from', 40), ...optional(read, 'to', 40) };
      case 'history':
        return {
          command,
          ...optional(read, 'machine'),
          ...optional(read, 'component'),
          limit: read.whole('limit', 1, largestList),
        };
      case 'acknowledge':
      case 'unshelve':
        return {
          command,
          ...component(),
          ...optional(read, 'reason', longestReason),
          commandId: read.words('commandId'),
        };
      case 'shelve':
        return {
          command,
          ...component(),
          minutes: read.whole('minutes', 1, longestShelfMinutes),
          reason: read.words('reason', longestReason),
          commandId: read.words('commandId'),
        };
      default:
        return undefined;
    }
  });
}

/** Throws InvalidInput with every fault. */
export function parseEquipmentRequest(message: BrowserMessage): PageRequest<EquipmentRequest> {
  return parse(message, 'the page Equipment', equipmentRequestOf);
}

function parse<Payload>(
  message: BrowserMessage,
  page: string,
  payloadOf: (read: FieldReader) => Payload | undefined,
): PageRequest<Payload> {
  const envelope = new FieldReader({ requestId: message.requestId });
  const requestId = envelope.words('requestId');
  envelope.finish('The request');
  const read = new FieldReader(message.payload);
  const payload = payloadOf(read);
  read.finish('The request');
  if (payload === undefined) throw new InvalidInput([{ field: 'command', message: `is not a command of ${page}` }]);
  return { requestId, payload };
}

function optional<Name extends string>(
  read: FieldReader,
  name: Name,
  longest = 200,
): { readonly [Key in Name]?: string } {
  return (read.has(name) ? { [name]: read.words(name, longest) } : {}) as { readonly [Key in Name]?: string };
}
