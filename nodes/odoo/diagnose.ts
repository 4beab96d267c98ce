// What `npm run doctor` asks an Odoo: who answers, may this login do its work, and which real orders fit the plant.
import { systemClock } from '../core/clock.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { formatKg } from '../core/mass.ts';
import { domainOf, fetchOrders, latestStart } from './fetch-orders.ts';
import type { FetchedOrder, OdooFetchResult, RefusedOrder } from './messages.ts';
import { OdooError } from './odoo-error.ts';
import type { OdooPort } from './odoo-port.ts';
import { requiredText } from './record-values.ts';
import { RefusalMemory } from './refusal-memory.ts';
import type { SyncSettings } from './sync-settings.ts';
import { UnitBook } from './unit-resolution.ts';
import { namesOf } from './version-table.ts';

export interface OdooDiagnosisRequest {
  /** Logs in; rejects with an OdooError. */
  readonly session: () => Promise<OdooPort>;
  readonly settings: SyncSettings;
  readonly database: string;
  readonly login: string;
}

/** What this package reads and writes; nothing else is needed of the login. */
const neededRights = [
  ['mrp.production', 'read'],
  ['mrp.production', 'write'],
  ['stock.move', 'read'],
  ['stock.move', 'write'],
  ['product.product', 'read'],
] as const;

/** Orders whose mapping is shown, and refused ones that are listed. */
const shownOrders = 3;
const shownRefusals = 10;

/** Reads only. One line for each check; never rejects because of Odoo, whose failure is a finding. */
export async function diagnoseOdoo(request: OdooDiagnosisRequest): Promise<Diagnosis[]> {
  const { database, login, settings } = request;
  let port: OdooPort;
  try {
    port = await request.session();
  } catch (error) {
    return [failure('connection and login', error)];
  }
  const { version, protocol } = port.server;
  const found = `Odoo ${version} over ${protocol === 'json-2' ? 'JSON-2' : 'XML-RPC'}, database ${database}, login ${login}`;
  const diagnoses: Diagnosis[] = [{ check: 'connection and login', verdict: 'works', found }];
  diagnoses.push(await diagnoseRights(port));
  try {
    const nowMs = () => systemClock.monotonicMs();
    const world = { settings, now: systemClock.now(), units: new UnitBook(nowMs), memory: new RefusalMemory(nowMs) };
    diagnoses.push(...(await diagnoseScope(port, settings)));
    const orders = await fetchOrders(port, { command: 'fetch', limit: mostCounted }, world);
    diagnoses.push(...diagnoseOrders(orders));
  } catch (error) {
    diagnoses.push(failure('confirmed orders', error));
  }
  return diagnoses;
}

/** Companies that the login sees, and confirmed orders that are planned too late to be fetched now. */
async function diagnoseScope(port: OdooPort, settings: SyncSettings): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  const companies = await port.searchRead('res.company', { domain: [], fields: ['name'], order: 'id' });
  const names = companies.map((company) => requiredText(company, 'name'));
  if (names.length > 1 && settings.company === null) {
    const advice = 'Name the company of this line in the odoo-mo-sync node.';
    found.push({ check: 'companies', verdict: 'doubtful', found: `the login sees ${names.join(', ')}`, advice });
  }
  if (settings.horizonDays > 0) {
    const names = namesOf(port.server.series);
    const domain = domainOf({ ...settings, horizonDays: 0 }, names, systemClock.now(), []);
    const latest = latestStart(settings, systemClock.now());
    const later = await port.searchRead('mrp.production', {
      domain: [...domain, [names.plannedStart, '>', latest]],
      fields: ['name'],
      limit: mostCounted,
    });
    if (later.length > 0) {
      const many = later.length === mostCounted ? `${mostCounted} or more` : String(later.length);
      const advice = '"Planned within" of the odoo-mo-sync node says how many days ahead orders are fetched.';
      const text = `${many} confirmed orders start later than in ${settings.horizonDays} days and wait until then`;
      found.push({ check: 'orders of later', verdict: 'works', found: text, advice });
    }
  }
  return found;
}

/** Orders that are counted at most; their names alone are read. */
const mostCounted = 5_000;

async function diagnoseRights(port: OdooPort): Promise<Diagnosis> {
  const missing: string[] = [];
  try {
    for (const [model, operation] of neededRights) {
      if (!(await port.mayAccess(model, operation))) missing.push(`${operation} ${model}`);
    }
  } catch (error) {
    // Only the question failed; the fetch below shows whether reading works.
    return { ...failure('rights', error), verdict: 'doubtful' };
  }
  if (missing.length === 0) return { check: 'rights', verdict: 'works', found: 'may read and close orders' };
  const advice = 'Give the login the right "Manufacturing / User".';
  return { check: 'rights', verdict: 'fails', found: `may not ${missing.join(', ')}`, advice };
}

function diagnoseOrders({ orders, refused }: OdooFetchResult): Diagnosis[] {
  if (orders.length === 0 && refused.length === 0) {
    const advice = 'Confirm an order in Odoo, and check the extra condition of odoo-mo-sync if it has one.';
    return [{ check: 'confirmed orders', verdict: 'doubtful', found: 'there is none to look at', advice }];
  }
  const summary: Diagnosis =
    orders.length > 0
      ? {
          check: 'confirmed orders',
          verdict: 'works',
          found: `${orders.length} may go to the PLC, ${refused.length} may not`,
        }
      : {
          check: 'confirmed orders',
          verdict: 'fails',
          found: `none of ${refused.length} may go to the PLC`,
          advice: 'See the reasons below; most often the equipment code 101..115 is missing in the products.',
        };
  return [summary, ...orders.slice(0, shownOrders).map(mappingOf), ...refused.slice(0, shownRefusals).map(refusalOf)];
}

function mappingOf(order: FetchedOrder): Diagnosis {
  const lines = order.components.map(
    ({ equipment, productName, massCentiKg }) => `${equipment} ${productName} ${formatKg(massCentiKg)} kg`,
  );
  const head = `${order.productName} ${formatKg(order.quantityCentiKg)} kg as "${order.plcOrderName}", "${order.plcBomCode}", "${order.plcFinishedGoods}"`;
  return { check: `mapping of ${order.orderName}`, verdict: 'works', found: [head, ...lines].join('\n') };
}

function refusalOf(order: RefusedOrder): Diagnosis {
  return {
    check: `order ${order.orderName}`,
    verdict: 'doubtful',
    found: order.reasons.map(({ message }) => message).join('\n'),
    advice: 'It stays in Odoo until this is put right there, or in the settings of odoo-mo-sync.',
  };
}

function failure(check: string, error: unknown): Diagnosis {
  if (!(error instanceof OdooError)) throw error;
  const found = error.hint ? error.message.slice(0, -error.hint.length).trim() : error.message;
  return { check, verdict: 'fails', found, advice: error.hint ?? 'See the log of the Odoo server.' };
}
