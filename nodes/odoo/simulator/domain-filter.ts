// Odoo search domains over the simulated models: prefix operators, comparison leaves and dotted paths.
import type { Model, Models, RawValue } from './field-table.ts';
import { PythonFault } from './python-fault.ts';

type Test = (record: { readonly id: number }) => boolean;

/** Compiles a domain; an unknown field or operator raises what Odoo raises. */
export function compileDomain(models: Models, modelName: string, domain: unknown): Test {
  if (!Array.isArray(domain)) throw new PythonFault('ValueError', `Invalid domain: ${JSON.stringify(domain)}`);
  const terms: readonly unknown[] = domain;
  const tests: Test[] = [];
  let rest = terms;
  while (rest.length > 0) {
    const [test, after] = compileTerm(models, modelName, rest);
    tests.push(test);
    rest = after;
  }
  return (record) => tests.every((test) => test(record));
}

function compileTerm(models: Models, modelName: string, terms: readonly unknown[]): [Test, readonly unknown[]] {
  const [term, ...rest] = terms;
  if (term === '&' || term === '|') {
    const [left, afterLeft] = compileTerm(models, modelName, rest);
    const [right, after] = compileTerm(models, modelName, afterLeft);
    const both = term === '&';
    return [(record) => (both ? left(record) && right(record) : left(record) || right(record)), after];
  }
  if (term === '!') {
    const [inner, after] = compileTerm(models, modelName, rest);
    return [(record) => !inner(record), after];
  }
  if (!Array.isArray(term) || term.length !== 3 || typeof term[0] !== 'string') {
    throw new PythonFault('ValueError', `Invalid leaf ${JSON.stringify(term)}`);
  }
  const [path, operator, operand]: [string, unknown, unknown] = [term[0], term[1], term[2]];
  const read = reader(models, modelName, path);
  const compare = comparison(String(operator), operand);
  return [(record) => compare(read(record)), rest];
}

function reader(models: Models, modelName: string, path: string): (record: { readonly id: number }) => RawValue {
  const model = modelNamed(models, modelName);
  const [first = '', ...rest] = path.split('.');
  const field = model.fields.get(first);
  if (!field) throw new PythonFault('ValueError', `Invalid field ${modelName}.${first} in leaf ('${path}', ...)`);
  if (rest.length === 0) return (record) => field.value(record);
  const relation = field.relation ?? '';
  const inner = reader(models, relation, rest.join('.'));
  return (record) => {
    const id = field.value(record);
    return typeof id === 'number' ? inner({ id }) : false;
  };
}

export function modelNamed(models: Models, name: string): Model {
  const model = models.get(name);
  if (!model) throw new PythonFault('UnknownModel', `Object ${name} doesn't exist`);
  return model;
}

function comparison(operator: string, operand: unknown): (value: RawValue) => boolean {
  const same = (value: RawValue) => (Array.isArray(value) ? value.includes(operand) : value === operand);
  const among = (value: RawValue) =>
    Array.isArray(operand) &&
    (Array.isArray(value) ? value.some((one) => operand.includes(one)) : operand.includes(value));
  const ordered = (test: (difference: number) => boolean) => (value: RawValue) => {
    if (typeof value === 'number' && typeof operand === 'number') return test(value - operand);
    return typeof value === 'string' && typeof operand === 'string' && test(value < operand ? -1 : +(value > operand));
  };
  switch (operator) {
    case '=':
      return same;
    case '!=':
      return (value) => !same(value);
    case 'in':
      return among;
    case 'not in':
      return (value) => !among(value);
    case '<':
      return ordered((difference) => difference < 0);
    case '<=':
      return ordered((difference) => difference <= 0);
    case '>':
      return ordered((difference) => difference > 0);
    case '>=':
      return ordered((difference) => difference >= 0);
    case 'ilike':
      return (value) => String(value).toLowerCase().includes(String(operand).toLowerCase());
    case 'like':
      return (value) => String(value).includes(String(operand));
    default:
      throw new PythonFault('ValueError', `Invalid operator ${operator}`);
  }
}
