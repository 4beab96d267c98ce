// Those who repair as rows of a table: technicians by name, vendors by firm.
import type { TechnicianRow, VendorRow } from '../../nodes/ctp/messages.ts';
import { missing, text } from '../common/language.ts';
import { technicianWords } from './ctp-words.ts';

export interface RepairRow extends Pick<TechnicianRow, 'problems' | 'mttr_minutes' | 'response_minutes'> {
  readonly key: string;
  readonly name: string;
  readonly kind: string;
}

export function technicianRows(rows: readonly TechnicianRow[]): readonly RepairRow[] {
  return rows.map((row) => ({
    ...row,
    key: JSON.stringify([row.type, row.name, row.vendor]),
    name: `${row.name ?? missing}${row.vendor === null ? '' : ` · ${row.vendor}`}`,
    kind: text(technicianWords[row.type].key),
  }));
}

export function vendorRows(rows: readonly VendorRow[]): readonly RepairRow[] {
  return rows.map((row) => ({
    ...row,
    key: JSON.stringify([row.type, row.vendor]),
    name: row.type === 'lokal' ? text('ctp.own-technicians') : (row.vendor ?? text('ctp.no-firm')),
    kind: text(technicianWords[row.type].key),
  }));
}
