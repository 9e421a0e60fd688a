import { useNow } from "./clock";
import { absoluteWords, relativeWords, shortWords, spanWords } from "./words";
import { useZone } from "./zone";

interface WhenProps {
  at: string | null | undefined;
  /** What is shown; the other one is in the tooltip. */
  as?: "relative" | "short" | "both";
}

/** A moment; nothing where there is none. */
export function When({ at, as = "relative" }: WhenProps) {
  const now = useNow();
  const zone = useZone();
  if (!at) return <span aria-hidden>–</span>;
  const ms = Date.parse(at);
  const relative = relativeWords(ms, now);
  const short = shortWords(ms, now, zone);
  const text = as === "relative" ? relative : as === "short" ? short : `${short} (${relative})`;
  return (
    <time dateTime={at} title={`${absoluteWords(ms, zone)}, ${relative}`}>
      {text}
    </time>
  );
}

/** How long something took, or has taken so far. */
export function Took({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const now = useNow();
  if (!from) return <span aria-hidden>–</span>;
  return <span>{spanWords((to ? Date.parse(to) : now) - Date.parse(from))}</span>;
}
