// A sign for each look, told apart by its form and not by its colour alone. Drawn around 0/0 with
// the radius 8, so that the map can place them, too.

import type { Look } from "./states";

const PATHS: Record<Look, string> = {
  none: "",
  waiting: "M-3.5 0h7",
  queued: "M-3.6 -0.1h.1M0 -0.1h.1M3.5 -0.1h.1",
  running: "M-2.2 -3.6L3.8 0L-2.2 3.6Z",
  success: "M-3.8 0.2L-1.1 3L3.8 -2.8",
  failed: "M-3 -3L3 3M3 -3L-3 3",
  retry: "M3.2 -1.6A3.6 3.6 0 1 0 3.4 1.4M3.6 -4.2V-1.4H0.8",
  upstream: "M0 3.8V-3.4M-3 -0.6L0 -3.8L3 -0.6",
  skipped: "M-3.4 -2.8L-0.4 0L-3.4 2.8M0.8 -2.8L3.8 0L0.8 2.8",
  ending: "M-2.4 -2.4h4.8v4.8h-4.8Z",
};
const FILLED: Look[] = ["running", "ending"];

export function GlyphPath({ look }: { look: Look }) {
  return (
    <path
      d={PATHS[look]}
      className={FILLED.includes(look) ? "glyph glyph-filled" : "glyph"}
      strokeWidth={look === "queued" ? 2.6 : 1.9}
      strokeLinecap="round"
      strokeLinejoin="round"
      fill="none"
    />
  );
}

export function Glyph({ look, size = 18 }: { look: Look; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="-9 -9 18 18"
      className="sign"
      data-look={look}
      aria-hidden
      focusable="false"
    >
      <circle r="8" className="sign-ground" strokeDasharray={look === "none" ? "2.4 2" : undefined} />
      <GlyphPath look={look} />
    </svg>
  );
}
