// A few words for each alarm code in both languages, as they stand in the bell.

/** Mapped by code. A code that is missing here is told by its name. */
const words: Readonly<Record<string, readonly [id: string, english: string]>> = {
  'batch-failed': ['Batch gagal', 'Batch failed'],
  'batch-quarantined': ['Data PLC diragukan', 'PLC data in doubt'],
  'odoo-unavailable': ['Odoo bermasalah', "Odoo can't do its part"],
  'order-changed': ['Order berubah di Odoo', 'Order changed in Odoo'],
  'equipment-failure': ['Mesin rusak', 'Equipment failure'],
  'order-refused': ['Order ditolak', 'Order refused'],
  'orders-refused': ['Banyak order ditolak', 'Many orders refused'],
  'plc-first-start': ['PLC belum pernah ambil antrean', 'PLC never took a queue'],
  'plc-unavailable': ['PLC tidak menjawab', 'PLC does not answer'],
  'queue-refused': ['Order tak muat di PLC', 'Order does not fit the PLC'],
  'several-companies': ['Odoo: beberapa perusahaan', 'Odoo: several companies'],
  'slot-implausible': ['Isi slot tidak masuk akal', 'Slot makes no sense'],
  'slot-unknown-order': ['Order tak dikenal di slot', 'Unknown order in a slot'],
  'slot-unreadable': ['Slot tidak terbaca', 'Slot not readable'],
  'stock-not-reserved': ['Stok belum disiapkan', 'No stock reserved'],
  'task-failing': ['Tugas gagal berulang', 'Task keeps failing'],
  'too-many-orders': ['Terlalu banyak order di Odoo', 'Too many orders in Odoo'],
  'unread-too-long': ['PLC lama tidak dibaca', 'PLC not read'],
  'waiting-for-odoo': ['Menunggu Odoo', 'Waiting for Odoo'],
  'waiting-for-person': ['Perlu keputusan', 'Needs a decision'],
  'weighing-held': ['Timbangan manual perlu keputusan', 'Weighing needs a decision'],
  'written-not-taken': ['PLC belum ambil antrean', 'Queue not taken'],
};

/** Indonesian and English, such as `Batch gagal / Batch failed`. */
export function alarmWords(code: string): string {
  return words[code]?.join(' / ') ?? `Alarm ${code}`;
}

/** Whether the code has words of its own. */
export function hasWords(code: string): boolean {
  return Object.hasOwn(words, code);
}
