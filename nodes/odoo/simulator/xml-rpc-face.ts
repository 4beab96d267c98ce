// XML-RPC of the simulated Odoo: /xmlrpc/2/common and /xmlrpc/2/object, HTTP 200 for every fault.
import { Readable } from 'node:stream';
import Deserializer from 'xmlrpc/lib/deserializer.js';
import serializer from 'xmlrpc/lib/serializer.js';
import type { Accounts } from './accounts.ts';
import { runWithFault } from './fault-before-run.ts';
import type { ProtocolCall, Reply } from './http-face.ts';
import type { LinkFault } from './link-faults.ts';
import type { MethodResult } from './manufacturing.ts';
import type { ObjectService } from './object-service.ts';
import { cannotMarshalNone, PythonFault } from './python-fault.ts';
import type { SimulatedSeries } from './records.ts';

export interface XmlRpcFace {
  common(body: Buffer): Promise<ProtocolCall | Reply>;
  object(body: Buffer): Promise<ProtocolCall | Reply>;
}

export function xmlRpcFace(service: ObjectService, accounts: Accounts, series: SimulatedSeries): XmlRpcFace {
  return {
    common: (body) =>
      parsed(body, (method, args) => ({
        method,
        run: (fault) =>
          reply(series, () => runWithFault(fault, () => ({ value: common(method, args, accounts, series) }))),
      })),
    object: (body) =>
      parsed(body, (method, args) => {
        const [database, uid, secret, model, name, positional, named] = args;
        return {
          method: String(name),
          run: (fault) =>
            reply(series, () =>
              runWithFault(fault, () => {
                if (method !== 'execute_kw') throw new PythonFault('ValueError', `Method not found: ${method}`);
                const { rights } = accounts.authorise(database, uid, secret);
                const call = {
                  model: String(model),
                  method: String(name),
                  args: Array.isArray(positional) ? positional : [],
                  named: namedOf(named, fault),
                  rights,
                };
                const result = service.execute(call);
                return call.method === 'create' && Array.isArray(call.args[0]) ? { value: [result.value] } : result;
              }),
            ),
        };
      }),
  };
}

function common(method: string, args: readonly unknown[], accounts: Accounts, series: SimulatedSeries): unknown {
  if (method === 'version') {
    return {
      server_version: `${series}.0`,
      server_version_info: [series, 0, 0, 'final', 0, ''],
      server_serie: `${series}.0`,
      protocol_version: 1,
    };
  }
  if (method === 'authenticate') return accounts.authenticate(args[0], args[1], args[2]);
  throw new PythonFault('ValueError', `Method not found: ${method}`);
}

/** A reply with a broken fault instead of a call would throw outside of any promise. */
class CallDeserializer extends Deserializer {
  override onDone(): void {
    try {
      super.onDone();
    } catch (error) {
      this.onError(error instanceof Error ? error : String(error));
    }
  }
}

/** Calls the body's method; what is not XML-RPC at all is a fault 1, as Odoo answers it. */
function parsed(
  body: Buffer,
  call: (method: string, args: readonly unknown[]) => ProtocolCall,
): Promise<ProtocolCall | Reply> {
  return new Promise((resolve) => {
    new CallDeserializer('utf8').deserializeMethodCall(Readable.from([body]), (error, method, args) => {
      if (error || typeof method !== 'string')
        resolve(fault(new PythonFault('ValueError', 'not well-formed (invalid token)')));
      else resolve(call(method, args ?? []));
    });
  });
}

function reply(series: SimulatedSeries, work: () => MethodResult): Reply {
  try {
    const result = work();
    // The one 15.0 that was measured sent <nil/> instead of failing.
    if (result.hasNone && series >= 16) throw cannotMarshalNone();
    return xml(serializer.serializeMethodResponse(result.value));
  } catch (error) {
    if (error instanceof PythonFault) return fault(error);
    throw error;
  }
}

function fault(error: PythonFault): Reply {
  return xml(serializer.serializeFault({ faultCode: error.faultCode, faultString: error.faultString }));
}

const xml = (body: string): Reply => ({ status: 200, contentType: 'text/xml; charset=utf-8', body });

function namedOf(named: unknown, fault: LinkFault | undefined): Readonly<Record<string, unknown>> {
  if (!isStruct(named)) return {};
  return fault?.kind === 'context-lost' ? { ...named, context: {} } : named;
}

function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
