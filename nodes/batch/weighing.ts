// Manual weighings: what somebody put on a scale for an order becomes part of its consumption, or waits for a person.
import { type CentiKg, centiKg, formatKg } from '../core/mass.ts';
import type { Batch } from './batch.ts';
import { putPush } from './outbox.ts';
import { type BatchDraft, type DecisionContext, StateConflict } from './transitions.ts';

/** What the scale says, or what a person says instead. */
export interface WeighedMass {
  /** Name of the order as the PLC or Odoo has it. */
  readonly order: string;
  /** Odoo's id of the component. */
  readonly productId: number;
  readonly massCentiKg: CentiKg;
}

/** Why a weighing waits for a person. */
export type WeighingHold =
  | 'weighing-doubtful'
  | 'order-unknown'
  | 'order-closed'
  | 'order-cancelling'
  | 'product-unknown';

export type WeighingDecision =
  | { readonly kind: 'taken'; readonly draft: BatchDraft }
  | { readonly kind: 'held'; readonly code: WeighingHold; readonly message: string };

export interface WeighingWorld {
  /** Drafts of the line's open batches. */
  readonly drafts: readonly BatchDraft[];
  /** Names of ended batches, as the ledger or the PLC knew them. */
  readonly isEnded: (order: string) => Promise<boolean>;
}

/** Adds the mass to the order's component; an open outbox row is replaced by one that holds it too. */
export async function decideWeighing(
  world: WeighingWorld,
  weighed: WeighedMass,
  doubts: readonly string[],
  context: DecisionContext,
): Promise<WeighingDecision> {
  const { order, productId, massCentiKg } = weighed;
  const what = `${formatKg(massCentiKg)} kg of product ${productId} for ${order || 'an order without a name'}`;
  const held = (code: WeighingHold, message: string): WeighingDecision => ({ kind: 'held', code, message });
  if (doubts.length > 0) return held('weighing-doubtful', `${what}: ${doubts.join('; ')}.`);
  const draft = world.drafts.find(({ batch }) => isNamed(batch, order));
  if (!draft) {
    return (await world.isEnded(order))
      ? held(
          'order-closed',
          `${what}: the order has ended. Post it in Odoo by hand and discard it here, or name the right order.`,
        )
      : held('order-unknown', `${what}: the order is not in the ledger. Name the right one, or discard it.`);
  }
  const { batch } = draft;
  if (batch.push?.kind === 'cancel') return held('order-cancelling', `${what}: the order is being cancelled in Odoo.`);
  const component = batch.components.find(({ planned }) => planned?.productId === productId);
  if (!component) {
    const known = batch.components.flatMap(({ planned, name }) => (planned ? [`${planned.productId} ${name}`] : []));
    return held('product-unknown', `${what}: the order has no such component, only ${known.join(', ')}.`);
  }
  addMass(draft, component.equipment, massCentiKg, context);
  repost(draft, context);
  draft.event(
    'weighed',
    {},
    {
      reason: `${formatKg(massCentiKg)} kg of ${component.name} weighed by hand`,
      data: { equipment: component.equipment, productId, massCentiKg },
    },
  );
  return { kind: 'taken', draft };
}

/** Takes a mass out of its order again; refused where its figure is not in the batch any more. */
export function takeBack(draft: BatchDraft, weighed: WeighedMass, context: DecisionContext): void {
  const { batch } = draft;
  const component = batch.components.find(({ planned }) => planned?.productId === weighed.productId);
  if (!component || component.carriedCentiKg < weighed.massCentiKg) {
    throw new StateConflict(
      `The figures of ${batch.orderName} were corrected since this weighing.`,
      batch,
      'Correct the batch instead.',
    );
  }
  addMass(draft, component.equipment, centiKg(0 - weighed.massCentiKg), context);
  repost(draft, context);
  draft.event('weighing-taken-back', {}, { reason: `${formatKg(weighed.massCentiKg)} kg of ${component.name}` });
}

function isNamed(batch: Batch, order: string): boolean {
  return order !== '' && (batch.plcName === order || batch.orderName === order || batch.plcOrderName === order);
}

/** Beside the readings of this attempt, as what earlier attempts gave: no block of the PLC overwrites it. */
function addMass(draft: BatchDraft, equipment: number, massCentiKg: CentiKg, context: DecisionContext): void {
  const components = draft.batch.components.map((component) =>
    component.equipment === equipment
      ? { ...component, carriedCentiKg: centiKg(component.carriedCentiKg + massCentiKg) }
      : component,
  );
  draft.patch({ components, lastChangedAt: context.at });
}

/** Quantities of a row are absolute: a row that says less than is known now is withdrawn. */
function repost(draft: BatchDraft, context: DecisionContext): void {
  const { push, state, watchOnly } = draft.batch;
  if (push && push.kind !== 'cancel') putPush(draft, push.kind, context);
  else if (!push && !watchOnly && state === 'failed') putPush(draft, 'record', context);
}
