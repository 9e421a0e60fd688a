// The jobs of a run on its time axis: each try a bar, what is expected as an outline, the critical path marked.

import { Link } from "@tanstack/react-router";
import type { Look } from "@/state/states";
import { shownTask } from "@/state/states";
import { momentTicks } from "@/time/ticks";
import { clockWords, dayWords, spanWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Gantt.module.css";
import type { Gantt, GanttBar, GanttRow } from "./gantt";

const TICKS = 6;
const DAY_MS = 24 * 3600 * 1000;

export function GanttChart({ gantt, now }: { gantt: Gantt; now: number }) {
  const zone = useZone();
  const { from, to, rows } = gantt;
  const share = (at: number) => `${(100 * (at - from)) / (to - from)}%`;
  const ticks = momentTicks(from, to, TICKS, zone);
  const words = to - from > 3 * DAY_MS ? dayWords : clockWords;
  return (
    <div className={classes.frame} tabIndex={0} role="region" aria-label="Gantt chart">
      <div className={classes.chart}>
        <div className={classes.head} aria-hidden>
          <div className={classes.axis}>
            {ticks.map(at => (
              <span key={at} style={{ left: share(at) }}>
                {words(at, zone)}
              </span>
            ))}
          </div>
        </div>
        <div className={classes.lines} aria-hidden>
          {ticks.map(at => (
            <i key={at} style={{ left: share(at) }} />
          ))}
          {now < to && <i className={classes.now} style={{ left: share(now) }} title="now" />}
        </div>
        {rows.map(row => (
          <Row key={row.job.key} row={row} now={now} share={share} whole={to - from} />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  row: GanttRow;
  now: number;
  share: (at: number) => string;
  whole: number;
}

function Row({ row, now, share, whole }: RowProps) {
  const { job, shown } = row;
  const { look, word } = shownTask(shown.state);
  const slack = row.slackMs !== null && row.slackMs > 0 ? `, slack ${spanWords(row.slackMs)}` : "";
  const words = `${job.name}: ${word}${row.isCritical ? ", on the critical path" : slack}`;
  const width = (start: number, end: number) => `${Math.max(0.25, (100 * (end - start)) / whole)}%`;
  return (
    <Link
      to="/dags/$dag/runs/$run/jobs/$job"
      params={{ dag: job.dag, run: job.run, job: job.job }}
      search={{ lane: job.lane ?? undefined, index: shown.index >= 0 ? String(shown.index) : undefined }}
      preload={false}
      className={classes.row}
      data-look={look}
      data-critical={row.isCritical || undefined}
      aria-label={words}
      title={words}
    >
      <span className={classes.name}>
        {row.isCritical && <b aria-hidden>◆ </b>}
        {job.name}
      </span>
      <span className={classes.track}>
        {row.expected && (
          <span
            className={classes.expected}
            style={{ left: share(row.expected.start), width: width(row.expected.start, row.expected.end) }}
          />
        )}
        {row.bars.map(bar => (
          <span
            key={`${bar.try}/${bar.start}`}
            className={bar.end === null ? classes.open : classes.bar}
            data-look={lookOf(bar)}
            title={`try ${bar.try}: ${bar.verdict ?? "at work"}, ${spanWords((bar.end ?? now) - bar.start)}`}
            style={{ left: share(bar.start), width: width(bar.start, bar.end ?? now) }}
          >
            {lookOf(bar) === "failed" && "×"}
          </span>
        ))}
      </span>
    </Link>
  );
}

const lookOf = ({ verdict }: GanttBar): Look =>
  verdict === null ? "running" : verdict === "success" ? "success" : "failed";
