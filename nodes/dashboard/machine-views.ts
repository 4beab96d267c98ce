// How the views of the pages Production and Health are lists, and what counts as one at a widget's input.
import { InvalidInput } from '../core/errors.ts';
import type { HealthView, NamedComponent } from '../health/messages.ts';
import type { ProductionCard, ProductionView } from '../production/messages.ts';
import type { ListShape } from './list-publisher.ts';
import { isObject, unwrapAnswer } from './page-answer.ts';

export const productionShape: ListShape<ProductionView, ProductionCard, Omit<ProductionView, 'cards'>> = {
  items: (view) => view.cards,
  keyOf: (card) => card.machine,
  restOf: ({ cards: _cards, ...rest }) => rest,
};

export const healthShape: ListShape<HealthView, NamedComponent, Omit<HealthView, 'components'>> = {
  items: (view) => view.components,
  keyOf: ({ machine, component }) => JSON.stringify([machine, component]),
  restOf: ({ components: _components, ...rest }) => rest,
};

/** A view may come as a node's own answer or in the HTTP envelope (`{success: true, data}`). Throws InvalidInput. */
export function readProductionView(payload: unknown): ProductionView {
  const view = unwrapAnswer(payload);
  if (isObject(view) && isInstant(view.at) && isListOf(view.cards, ['machine', 'name', 'state'])) {
    return view as unknown as ProductionView;
  }
  throw new InvalidInput([
    { field: 'payload', message: 'must be a view of production: at, and cards with machine, name and state' },
  ]);
}

/** Throws InvalidInput. */
export function readHealthView(payload: unknown): HealthView {
  const view = unwrapAnswer(payload);
  if (
    isObject(view) &&
    isInstant(view.at) &&
    isListOf(view.components, ['machine', 'machine_name', 'component', 'band']) &&
    isListOf(view.alarms, ['id', 'machine', 'machine_name', 'component', 'state']) &&
    isObject(view.calibration)
  ) {
    return view as unknown as HealthView;
  }
  throw new InvalidInput([
    {
      field: 'payload',
      message:
        'must be the answer of health-trigger to `view`: at, components, alarms and calibration; components and alarms with machine_name',
    },
  ]);
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isListOf(value: unknown, texts: readonly string[]): boolean {
  return (
    Array.isArray(value) &&
    value.every((item: unknown) => isObject(item) && texts.every((field) => typeof item[field] === 'string'))
  );
}
