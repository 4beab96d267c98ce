// What people are told when a clock jumps, the server's or a machine's, and when it can be believed again.
import type { NotifyCommand, Recipients } from '../notify/messages.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import type { ProductionEvent } from './messages.ts';

/** Who can set a clock, and whose figures it concerns. */
const recipients: Recipients = { roles: ['admin', 'supervisor', 'maintenance'] };
const hourMs = 3_600_000;

/** The event of the server's own clock. @param byMs forward above 0, back below; 0: it has run evenly for a while since */
export function serverClockEvent(byMs: number, nowMs: number): NewProductionEvent {
  const type = byMs === 0 ? 'clock-right' : 'clock-jumped';
  const detail = { clock: 'server', by_ms: byMs };
  return { machine: '', at: new Date(nowMs).toISOString(), type, actor: 'clock', reason: null, detail };
}

/** The notification of either event; null for any other. @param name of the machine, as people know it */
export function clockNotice({ seq, machine, at, type, detail }: ProductionEvent, name: string): NotifyCommand | null {
  if (type !== 'clock-jumped' && type !== 'clock-right') return null;
  const isServer = detail.clock === 'server';
  // Every machine meets the same jump of the server: that is one piece of news, within the hour.
  const news = isServer ? `server ${Math.floor(Date.parse(at) / hourMs)}` : `${machine} ${seq}`;
  const about = {
    command: 'notify',
    recipients,
    link: '/dashboard/production',
    dedupeKey: `${type} ${news}`,
  } as const;
  const subject = isServer ? 'Jam server / The clock of the server' : `Jam ${name} / The clock of ${name}`;
  if (type === 'clock-right') {
    return {
      ...about,
      type: 'clock_right',
      severity: 'info',
      title: `${subject}: benar lagi / can be believed again`,
      body: isServer
        ? 'Jam server berjalan merata lagi. / It runs evenly again.'
        : 'Pesan mesin ini dicatat lagi menurut jamnya sendiri. / Messages of this machine are booked by its own clock again.',
    };
  }
  const amount = spanText(Math.abs(Number(detail.by_ms)));
  const isForward = isServer && Number(detail.by_ms) > 0;
  return {
    ...about,
    type: 'clock_jumped',
    severity: 'alarm',
    title: `${subject}: melompat ${isForward ? 'maju' : 'mundur'} ${amount.id} / jumped ${isForward ? 'forward' : 'back'} by ${amount.english}`,
    body: isServer
      ? 'Produksi tetap dihitung; yang dicatat sebelum lompatan bisa berada di jam atau giliran yang salah. Periksa NTP server. / ' +
        'Counting goes on; what was booked before the jump may stand in a wrong hour or shift. Check NTP on the server.'
      : 'Pesannya dihitung menurut waktu tibanya sampai jamnya benar. Periksa jam mesin atau gateway. / ' +
        'Its messages are counted by their arrival until its clock is right. Check the clock of the machine or its gateway.',
  };
}

function spanText(ms: number): { readonly id: string; readonly english: string } {
  const units = [
    [24 * hourMs, 'hari', 'days'],
    [hourMs, 'jam', 'hours'],
    [60_000, 'menit', 'minutes'],
    [1_000, 'detik', 'seconds'],
  ] as const;
  const [unitMs, indonesian, english] = units.find(([size]) => ms >= 2 * size) ?? units[3];
  const amount = Math.round(ms / unitMs);
  return { id: `${amount} ${indonesian}`, english: `${amount} ${english}` };
}
