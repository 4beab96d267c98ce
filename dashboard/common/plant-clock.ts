// The plant's wall clock on every page: a tablet or a laptop elsewhere may be set to another time zone.
import { ref } from 'vue';

/** IANA name; undefined until the page knows it, then the tablet's own zone stands in. */
const zone = ref<string | undefined>();

export function learnPlantZone(name: string | undefined): void {
  zone.value = name;
}

/** For `Intl.DateTimeFormat`: the plant's zone where it is known. Reactive. */
export function inPlantZone(): { readonly timeZone?: string } {
  return zone.value === undefined ? {} : { timeZone: zone.value };
}

/** `2026-11-21T14:05` on the plant's wall clock, as an input of the type datetime-local holds it. */
export function plantMinute(instant: Date): string {
  const parts = new Map(
    new Intl.DateTimeFormat('en-US', {
      ...inPlantZone(),
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** `2026-11-21` of the plant, at an instant. */
export function plantDate(instant: Date): string {
  return plantMinute(instant).slice(0, 10);
}

/** The instant of a reading of the plant's wall clock (`2026-11-21T14:05`); undefined when it is none. */
export function instantOfPlantMinute(reading: string): Date | undefined {
  const minute = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.exec(reading)?.[0];
  if (minute === undefined) return undefined;
  const asUtc = Date.parse(`${minute}:00Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // What the clock shows is that far from UTC; asked again at the result, in case it changes in between.
  const offsetAt = (instant: number) => Date.parse(`${plantMinute(new Date(instant))}:00Z`) - instant;
  const near = asUtc - offsetAt(asUtc);
  return new Date(asUtc - offsetAt(near));
}
