// From a date and time as people write them in a zone to the moment, and back. Pure.

const MINUTE = 60_000;

/** How far the zone's clocks are ahead of UTC at that moment. */
export function aheadOf(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find(part => part.type === type)?.value ?? 0);
  const shown = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return shown - Math.floor(at / 1000) * 1000;
}

/** "2026-01-05T02:00" in the zone; of an hour that there is twice the first, NaN if it is no time. */
export function momentOf(local: string, zone: string): number {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return Number.NaN;
  const first = asUtc - aheadOf(asUtc - 24 * 60 * MINUTE, zone);
  if (first + aheadOf(first, zone) === asUtc) return first;
  return asUtc - aheadOf(first, zone);
}

/** The same as RFC 3339, also of a day alone; nothing if it is no time. */
export function instantOf(typed: string, zone: string): string | undefined {
  const at = momentOf(typed.length === 10 ? `${typed}T00:00` : typed, zone);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString().replace(".000Z", "Z");
}

/** As an input of the type "datetime-local" has it; "" of what is no moment. */
export const localOf = (at: number, zone: string) =>
  Number.isNaN(at) ? "" : new Date(at + aheadOf(at, zone)).toISOString().slice(0, 16);

/** The day in the zone: "2026-01-05". */
export const dayOf = (at: number, zone: string) => localOf(at, zone).slice(0, 10);
