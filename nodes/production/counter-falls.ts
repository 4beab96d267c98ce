// A counter that falls again and again: why it is refused, and how it counts once it is steady again.
import type { Judgement } from './counter-rules.ts';
import { noLevel } from './counter-steps.ts';
import type { MachineReading } from './messages.ts';

export const refusedForFalls: Judgement & { readonly kind: 'refused' } = {
  kind: 'refused',
  code: 'counter-falls',
  message: 'its counter fell three times in ten messages: two sources send under one name, or the counter is broken',
};

/**
 * What the first message of a steady counter counts: what it made since the last one that counted, where it has gone up; where
 * nobody can tell, it is a new baseline.
 */
export function steadyAgain(reading: MachineReading, judgement: Judgement): Judgement {
  if (judgement.kind === 'counted' && !judgement.isFall && !judgement.takesBack) return judgement;
  const { cumulativeProduction: production, cumulativeDefects: defects } = reading;
  return {
    kind: 'counted',
    production: 0,
    defects: 0,
    state: {
      production: { ...noLevel, last: production },
      defects: { ...noLevel, last: defects },
      lastSourceMs: reading.sourceMs,
      lastClockTrusted: reading.clockTrusted,
      lastSequence: reading.sequence,
    },
    fromMs: null,
    notes: [{ type: 'baseline', detail: { production, defects, cause: 'counter-falls' } }],
    isFall: false,
    takesBack: null,
  };
}
