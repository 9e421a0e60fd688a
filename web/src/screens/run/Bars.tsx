// The tries of a job on the time axis of its run.

import type { Attempt } from "@/api/types";
import { verdictLook } from "@/state/states";
import { spanWords } from "@/time/words";
import classes from "./Run.module.css";

const WIDTH = 240;
const HEIGHT = 16;
const LEAST = 2;

interface BarsProps {
  attempts: Attempt[];
  from: number;
  to: number;
  now: number;
}

export function Bars({ attempts, from, to, now }: BarsProps) {
  const scale = WIDTH / Math.max(1, to - from);
  return (
    <svg
      className={classes.bars}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={wordsOf(attempts, now)}
    >
      <path d={`M0 ${HEIGHT / 2}H${WIDTH}`} className={classes.axis} />
      {attempts.map(attempt => {
        if (!attempt.started_at) return null;
        const start = Date.parse(attempt.started_at);
        const end = attempt.ended_at ? Date.parse(attempt.ended_at) : now;
        const x = Math.max(0, (start - from) * scale);
        const width = Math.max(LEAST, Math.min(WIDTH - x, (end - start) * scale));
        return (
          <g key={attempt.try_number} data-look={verdictLook(attempt.verdict)}>
            <title>{wordsOf([attempt], now)}</title>
            <rect
              x={x}
              y="3"
              width={width}
              height={HEIGHT - 6}
              rx="2"
              className={attempt.verdict ? classes.done : classes.open}
            />
            {verdictLook(attempt.verdict) === "failed" && (
              <path d={`M${x + width - 8} 5l6 6m0 -6l-6 6`} className={classes.cross} />
            )}
          </g>
        );
      })}
    </svg>
  );
}

function wordsOf(attempts: Attempt[], now: number): string {
  if (attempts.length === 0) return "No try yet";
  return attempts
    .map(attempt => {
      const end = attempt.ended_at ? Date.parse(attempt.ended_at) : now;
      const took = attempt.started_at ? ` after ${spanWords(end - Date.parse(attempt.started_at))}` : "";
      return `Try ${attempt.try_number}: ${attempt.verdict ?? "at work"}${took}`;
    })
    .join("; ");
}
