// Whether Odoo and the PLC answer, by what the tasks heard of them: one alarm for each, from the first failure to the first answer.
import type { OdooPushResult } from '../odoo/messages.ts';
import type { PlcWriteResult } from '../plc/messages.ts';
import type { AlarmCondition } from './alarms.ts';
import type { BatchAlarmCode } from './messages.ts';

export type Peer = 'odoo' | 'plc';

/** What one command heard of a peer: that it answered, or why it did not. */
export interface PeerNews {
  readonly peer: Peer;
  readonly fault: string | null;
}

const codeOf: Readonly<Record<Peer, BatchAlarmCode>> = { odoo: 'odoo-unavailable', plc: 'plc-unavailable' };
const nameOf: Readonly<Record<Peer, string>> = { odoo: 'Odoo', plc: 'The PLC' };

/** Mapped by the type of the node that failed. */
const peerOfNode: ReadonlyMap<string, Peer> = new Map([
  ['odoo-mo-sync', 'odoo'],
  ['plc-batch-read', 'plc'],
  ['plc-batch-write', 'plc'],
]);

/** Codes that news about the peer begins or ends. */
export function peerCodes(news: PeerNews | undefined): readonly BatchAlarmCode[] {
  return news ? [codeOf[news.peer]] : [];
}

export function peerConditions(news: PeerNews | undefined): AlarmCondition[] {
  if (!news || news.fault === null) return [];
  const { peer, fault } = news;
  const message = `${nameOf[peer]} can't do its part: ${fault} Nothing is lost; it is tried again by itself.`;
  return [{ code: codeOf[peer], key: peer, slot: null, orderName: null, message }];
}

/** A task failed at a node; undefined when that node speaks to neither. */
export function failureNews(node: string, message: string): PeerNews | undefined {
  const peer = peerOfNode.get(node);
  return peer && { peer, fault: /[.!?]$/.test(message) ? message : `${message}.` };
}

/** A busy record or an unclear answer says nothing about the server. */
export function pushNews(result: OdooPushResult): PeerNews | undefined {
  if (result.outcome === 'verified' || result.outcome === 'person') return { peer: 'odoo', fault: null };
  if (result.outcome === 'watch-only' || result.reason === undefined) return undefined;
  if (result.reason === 'busy' || result.reason === 'unclear') return undefined;
  return { peer: 'odoo', fault: result.message };
}

/** A queue that was refused by its content, or only watched, never reached the PLC. */
export function writeNews({ outcome }: PlcWriteResult): PeerNews | undefined {
  return outcome === 'refused' || outcome === 'watch-only' ? undefined : { peer: 'plc', fault: null };
}
