import { Glyph } from "@/state/Glyph";
import type { Look } from "@/state/states";
import classes from "./Panels.module.css";

const SIGNS: [Look, string][] = [
  ["success", "done"],
  ["running", "running"],
  ["queued", "queued"],
  ["retry", "waits for a retry"],
  ["failed", "failed"],
  ["upstream", "upstream failed"],
  ["none", "not started"],
];

const TrainSign = () => (
  <svg width="20" height="12" viewBox="0 0 20 12" aria-hidden>
    <path d="M1 2H14L19 6L14 10H1Z" fill="currentColor" />
  </svg>
);

const ClosedSign = () => (
  <svg width="24" height="12" viewBox="0 0 24 12" aria-hidden>
    <path d="M1 6H23" fill="none" stroke="var(--look-none)" strokeWidth="3.4" strokeDasharray="5 3.5" />
  </svg>
);

export function Legend() {
  return (
    <div className={classes.legend}>
      {SIGNS.map(([look, word]) => (
        <span key={look} data-look={look}>
          <Glyph look={look} size={15} />
          {word}
        </span>
      ))}
      <span>
        <ClosedSign />
        closed
      </span>
      <span>
        <TrainSign />
        cluster at work
      </span>
    </div>
  );
}
