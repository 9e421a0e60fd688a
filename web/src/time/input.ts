// What somebody types as a date and a time, in the zone that is shown. Pure.

/** The zone's distance from UTC at a moment. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find(part => part.type === type)?.value ?? 0);
  const shown = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return shown - Math.floor(at / 1000) * 1000;
}

/** "2026-01-05T02:00" in a zone, as RFC 3339; nothing if it is no time. */
export function momentOf(typed: string, zone: string): string | undefined {
  const asUtc = Date.parse(`${typed}${typed.length === 10 ? "T00:00" : ""}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // The second look is right where the clocks change between the two.
  const first = asUtc - offsetAt(asUtc, zone);
  return new Date(asUtc - offsetAt(first, zone)).toISOString().replace(".000Z", "Z");
}

/** The other way round: what the field shows of a moment. */
export function typedOf(moment: string | undefined, zone: string): string {
  const at = Date.parse(moment ?? "");
  return Number.isNaN(at) ? "" : new Date(at + offsetAt(at, zone)).toISOString().slice(0, 16);
}
