// Hostile machines, and what their messages must count by the rules alone, in the order of their source. Nothing of the product is used
// here; shifts and hours are read off the wall clock as people do.

export interface Sent {
  readonly machine: string;
  readonly atMs: number;
  readonly production: number;
  readonly defects: number;
  readonly order: string | null;
  readonly arrivesMs: number;
}

export interface ShopOptions {
  readonly seed: number;
  readonly startMs: number;
  /** Of each machine. */
  readonly messages: number;
  readonly machines: number;
  /** Seconds between two messages, on average. */
  readonly everySeconds: number;
}

/** mulberry32. */
export function dice(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Machines with resets, roll-overs, jitters, single zeros, lost and doubled messages, changes of order, and outages whose backlog comes late. */
export function shopOf(options: ShopOptions): readonly Sent[] {
  return Array.from({ length: options.machines }, (_, number) => lifeOf(options, number)).flat();
}

/** Machines of these numbers have a counter of 16 bit. */
export const rollsOver = (number: number) => number % 4 === 3;
export const modulus = 65_536;
export const nameOf = (number: number) => `M${String(number).padStart(2, '0')}`;

function lifeOf({ seed, startMs, messages, everySeconds }: ShopOptions, number: number): Sent[] {
  const next = dice(seed * 1_000 + number);
  const upTo = (most: number) => Math.floor(next() * (most + 1));
  const chance = (percent: number) => next() * 100 < percent;
  const sent: Sent[] = [];
  let atMs = startMs + upTo(everySeconds * 1000);
  let made = rollsOver(number) ? modulus - 1 - upTo(2_000) : 20_000 + upTo(50_000);
  let spoilt = upTo(50);
  let sinceOdd = 0;
  let outage = 0;
  let outageEndMs = 0;
  for (let index = 0; index < messages; index += 1) {
    atMs += Math.max(1, Math.round(everySeconds * (0.5 + next()) * 1000));
    sinceOdd += 1;
    // Outages of a half to ten hours, of the network: the machine goes on, and what it said comes at once behind newer messages.
    if (outage === 0 && chance(0.15)) {
      outage = 20 + upTo(400);
      outageEndMs = atMs + (outage + 3) * everySeconds * 1000;
    } else if (outage > 0) outage -= 1;
    // Less than three falls in ten messages, also where messages are lost.
    const mayFall = sinceOdd > 24;
    if (mayFall && !rollsOver(number) && chance(1) && made > 5_000) {
      made = 0;
      spoilt = 0;
      sinceOdd = 0;
    }
    const pieces = chance(15) ? 0 : upTo(40);
    made += pieces;
    spoilt += chance(20) ? Math.min(pieces, upTo(3)) : 0;
    if (rollsOver(number) && made >= modulus) made -= modulus;
    if (chance(4)) continue;
    const order = index === 0 || chance(1) ? `WH/MO/${upTo(20)}` : null;
    const isStill = outage > 0;
    const arrivesMs = isStill ? outageEndMs + index : atMs + (chance(6) ? upTo(6 * everySeconds * 1000) : upTo(800));
    const message = { machine: nameOf(number), atMs, production: made, defects: spoilt, order, arrivesMs };
    // A step back of a reading, by a little.
    const isJitter = mayFall && made > 10_000 && !rollsOver(number) && chance(1.5);
    const isZero = mayFall && !isJitter && made > 10_000 && !rollsOver(number) && chance(0.5);
    if (isJitter || isZero) sinceOdd = 0;
    const shown = isJitter
      ? { ...message, production: made - 1 - upTo(400) }
      : isZero
        ? { ...message, production: 0, defects: 0 }
        : message;
    sent.push(shown);
    if (chance(5)) sent.push({ ...shown, arrivesMs: shown.arrivesMs + upTo(30_000) });
  }
  return sent;
}

type Pieces = [production: number, defects: number];

export interface Figures {
  readonly total: readonly [production: number, defects: number];
  /** Mapped by the instant at which the plant's hour began; by date and shift; by order. */
  readonly hours: Readonly<Record<string, Pieces>>;
  readonly shifts: Readonly<Record<string, Pieces>>;
  readonly orders: Readonly<Record<string, Pieces>>;
}

/** What one message counts, in the order of the source. */
interface Counted {
  readonly message: Sent;
  readonly order: string;
  readonly pieces: Pieces;
}

/** By the rules of counting: each message once, in the order of its source, whenever it came. */
export function expectedOf(sent: readonly Sent[], machine: string, zone: string): Figures {
  const once = new Map(sent.filter((message) => message.machine === machine).map((message) => [message.atMs, message]));
  const inOrder = [...once.values()].sort((one, other) => one.atMs - other.atMs);
  const counted = countedOf(inOrder, rollsOver(Number(machine.slice(1))));
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const sums = {
    hours: new Map<string, Pieces>(),
    shifts: new Map<string, Pieces>(),
    orders: new Map<string, Pieces>(),
  };
  const total: Pieces = [0, 0];
  for (const { message, order, pieces } of counted) {
    add(total, pieces);
    const [date = '', time = ''] = clock.format(message.atMs).split(' ');
    for (const [sum, key] of [
      [sums.hours, hourOf(message.atMs, time)],
      [sums.shifts, shiftOf(date, Number(time.slice(0, 2)))],
      [sums.orders, order],
    ] as const) {
      const known = sum.get(key) ?? [0, 0];
      add(known, pieces);
      sum.set(key, known);
    }
  }
  return { total, hours: listed(sums.hours), shifts: listed(sums.shifts), orders: listed(sums.orders) };
}

function add(sum: Pieces, [production, defects]: Readonly<Pieces>): void {
  sum[0] += production;
  sum[1] += defects;
}

function listed(sums: ReadonlyMap<string, Pieces>): Readonly<Record<string, Pieces>> {
  return Object.fromEntries([...sums].filter(([, [made, spoilt]]) => made !== 0 || spoilt !== 0));
}

function countedOf(inOrder: readonly Sent[], goesAround: boolean): readonly Counted[] {
  const counted: Counted[] = [];
  let order = '';
  /** What each counter showed last, and what it must pass after a step back. */
  let last: Sent | undefined;
  let toPass: number | undefined;
  /** What both showed before a fall, and the index of the message that fell. */
  let fall: { readonly before: Sent; readonly since: number } | undefined;
  for (const message of inOrder) {
    order = message.order ?? order;
    let pieces: Pieces = [0, 0];
    if (last) {
      const { production, defects } = message;
      const isBack =
        fall && production * 10 >= fall.before.production * 9 && last.production * 2 < fall.before.production;
      if (fall && isBack) {
        for (const one of counted.slice(fall.since)) one.pieces.fill(0);
        toPass = fall.before.production;
        pieces = [Math.max(0, production - toPass), Math.max(0, defects - fall.before.defects)];
        toPass = production < toPass ? toPass : undefined;
        fall = undefined;
      } else {
        const base = toPass ?? last.production;
        const spoilt = defects >= last.defects ? defects - last.defects : defects;
        if (production >= last.production) {
          pieces = [Math.max(0, production - base), spoilt];
          if (production >= base) toPass = undefined;
        } else if (goesAround && last.production > modulus / 2)
          pieces = [modulus - last.production + production, spoilt];
        else if (production * 10 >= last.production * 9) {
          toPass = base;
          pieces = [0, spoilt];
        } else {
          pieces = [production, spoilt];
          fall = { before: { ...last, production: base }, since: counted.length };
          toPass = undefined;
        }
      }
    }
    counted.push({ message, order, pieces });
    last = message;
  }
  return counted;
}

/** The instant at which the wall clock's hour began: minutes and seconds before, because no clock change lies inside an hour here. */
function hourOf(atMs: number, time: string): string {
  const [, minute = 0, second = 0] = time.split(':').map(Number);
  return new Date(Math.floor(atMs / 1000) * 1000 - (minute * 60 + second) * 1000).toISOString();
}

function shiftOf(date: string, hour: number): string {
  if (hour >= 6 && hour < 14) return `${date}/1`;
  if (hour >= 14 && hour < 22) return `${date}/2`;
  if (hour >= 22) return `${date}/3`;
  return `${new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)}/3`;
}
