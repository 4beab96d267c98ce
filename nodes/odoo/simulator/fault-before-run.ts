// Faults that Odoo itself would raise or return, put in place of a call or after its commit.
import type { LinkFault } from './link-faults.ts';
import type { MethodResult } from './manufacturing.ts';
import { PythonFault, userError } from './python-fault.ts';

/** Runs `work` unless the fault stands in its place. */
export function runWithFault(fault: LinkFault | undefined, work: () => MethodResult): MethodResult {
  switch (fault?.kind) {
    case 'serialization-failure':
      throw new PythonFault('SerializationFailure', 'could not serialize access due to concurrent update');
    case 'too-many-connections':
      throw new PythonFault(
        'OperationalError',
        'connection to server failed: FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute',
      );
    case 'refusal':
      throw userError(fault.message);
    case 'unknown-wizard':
      return {
        value: { type: 'ir.actions.act_window', res_model: 'plant.quality.question', target: 'new', context: {} },
      };
    case 'none-fault':
      work();
      return { value: null, hasNone: true };
    default:
      return work();
  }
}
