// The latest runs of a DAG as bars: as high as they took long, coloured and marked by their state.

import { Link } from "@tanstack/react-router";
import type { RecentRun } from "@/api/types";
import { shownTask } from "@/state/states";
import { useNow } from "@/time/clock";
import { spanWords } from "@/time/words";
import classes from "./RunBars.module.css";

const HEIGHT = 30;
const LEAST = 4;

interface RunBarsProps {
  /** The newest first. */
  runs: RecentRun[];
  most: number;
}

export function RunBars({ runs, most }: RunBarsProps) {
  const now = useNow();
  const shown = runs.slice(0, most).reverse();
  const lengths = shown.map(run =>
    run.start_date ? (run.end_date ? Date.parse(run.end_date) : now) - Date.parse(run.start_date) : 0,
  );
  const longest = Math.max(1, ...lengths);
  return (
    <div className={classes.bars}>
      {shown.map((run, i) => {
        const { look, word } = shownTask(run.state);
        const length = lengths[i] ?? 0;
        const height = Math.max(LEAST, (length / longest) * HEIGHT);
        const words = `${run.dag_run_id}: ${word}${length > 0 ? `, ${spanWords(length)}` : ""}`;
        return (
          <Link
            key={run.dag_run_id}
            to="/dags/$dag/runs/$run"
            params={{ dag: run.dag_id, run: run.dag_run_id }}
            className={classes.bar}
            aria-label={words}
            title={words}
            data-look={look}
          >
            <svg width="9" height={HEIGHT + 6} viewBox={`0 0 9 ${HEIGHT + 6}`} aria-hidden>
              <rect
                x="1"
                y={HEIGHT - height}
                width="7"
                height={height}
                rx="1.5"
                className={look === "running" || look === "queued" ? classes.open : classes.fill}
              />
              {look === "failed" && (
                <path d={`M2 ${HEIGHT + 1.5}l5 4M7 ${HEIGHT + 1.5}l-5 4`} className={classes.cross} />
              )}
            </svg>
          </Link>
        );
      })}
    </div>
  );
}
