// Times and spans as people say them. Pure: the caller says what time it is, and in which zone.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Two units at most: "2d 4h", "3h 5m", "45s". */
export function spanWords(ms: number): string {
  const left = Math.max(0, Math.round(ms / SECOND) * SECOND);
  if (left < MINUTE) return `${left / SECOND}s`;
  if (left < HOUR) return two(left, MINUTE, "m", SECOND, "s");
  if (left < DAY) return two(left, HOUR, "h", MINUTE, "m");
  return two(left, DAY, "d", HOUR, "h");
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const many = Math.floor(ms / large);
  const rest = Math.floor((ms - many * large) / small);
  return rest === 0 ? `${many}${largeName}` : `${many}${largeName} ${rest}${smallName}`;
}

/** "in 5m", "3h ago", "now". One unit: a reader wants the size. */
export function relativeWords(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < 5 * SECOND) return "now";
  const size =
    distance < MINUTE
      ? `${Math.round(distance / SECOND)}s`
      : distance < HOUR
        ? `${Math.round(distance / MINUTE)}m`
        : distance < 2 * DAY
          ? spanWords(Math.round(distance / (10 * MINUTE)) * 10 * MINUTE)
          : `${Math.round(distance / DAY)}d`;
  return at > now ? `in ${size}` : `${size} ago`;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string, style: "day" | "time" | "both"): Intl.DateTimeFormat {
  const key = `${zone}/${style}`;
  let found = formats.get(key);
  if (!found) {
    const day: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
    const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const options = style === "day" ? day : style === "time" ? time : { ...day, ...time };
    found = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

export const dayWords = (at: number, zone: string) => format(zone, "day").format(at);
export const clockWords = (at: number, zone: string) => format(zone, "time").format(at);

/** The time alone if it is today in this zone, otherwise with its day. */
export function shortWords(at: number, now: number, zone: string): string {
  return dayWords(at, zone) === dayWords(now, zone) ? clockWords(at, zone) : format(zone, "both").format(at);
}

export function absoluteWords(at: number, zone: string): string {
  const year = new Intl.DateTimeFormat("en-GB", { year: "numeric", timeZone: zone }).format(at);
  const seconds = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(at);
  return `${dayWords(at, zone)} ${year}, ${seconds} (${zone})`;
}
