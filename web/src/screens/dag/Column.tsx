// A run in the grid: its bar, and below it a sign for each of its jobs that are in sight.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo, useMemo } from "react";
import { tasksOf } from "@/api/queries";
import type { Run } from "@/api/types";
import { Glyph } from "@/state/Glyph";
import { type Fold, folded, jobsOf } from "@/state/jobs";
import { shownTask } from "@/state/states";
import { dayWords, spanWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Grid.module.css";
import { BAR, COLUMN, HEAD, ROW } from "./measures";
import type { Row } from "./rows";

interface ColumnProps {
  run: Run;
  left: number;
  rows: Row[];
  /** The rows in sight. */
  first: number;
  last: number;
  longest: number;
  /** While the grid is scrolled nothing is asked for. */
  isResting: boolean;
}

export const Column = memo(function Column({
  run,
  left,
  rows,
  first,
  last,
  longest,
  isResting,
}: ColumnProps) {
  const zone = useZone();
  const isOver = run.state === "success" || run.state === "failed";
  const { data } = useQuery({
    ...tasksOf(run.dag_id, run.dag_run_id),
    staleTime: isOver ? Number.POSITIVE_INFINITY : 60_000,
    enabled: isResting,
  });
  const jobs = useMemo(() => folded(jobsOf(data ?? [])), [data]);
  const { look, word } = shownTask(run.state);
  const took = run.duration ? `, ${spanWords(run.duration * 1000)}` : "";
  const height = Math.max(4, ((run.duration ?? 0) / longest) * BAR);
  const at = Date.parse(run.logical_date ?? run.run_after);
  return (
    <div className={classes.column} style={{ left, width: COLUMN }}>
      <Link
        to="/dags/$dag/runs/$run"
        params={{ dag: run.dag_id, run: run.dag_run_id }}
        preload={false}
        className={classes.run}
        style={{ height: HEAD }}
        aria-label={`Run ${run.dag_run_id}: ${word}${took}`}
        title={`${run.dag_run_id}: ${word}${took}`}
        data-look={look}
      >
        <span className={classes.day}>{dayWords(at, zone).replace(/^\w+,? /, "")}</span>
        <span className={isOver ? classes.bar : classes.openBar} style={{ height }} />
      </Link>
      {rows.slice(first, last + 1).map((row, i) => {
        const fold = row.kind === "job" ? jobs.get(row.key) : undefined;
        return fold && <Cell key={row.key} fold={fold} top={HEAD + (first + i) * ROW} />;
      })}
    </div>
  );
});

const Cell = memo(function Cell({ fold, top }: { fold: Fold; top: number }) {
  const { job, words, of } = fold;
  const { look } = shownTask(job.state);
  const name =
    of > 1 ? `${job.job}: ${words}` : `${job.name}: ${words}${job.try > 1 ? `, try ${job.try}` : ""}`;
  return (
    <Link
      to="/dags/$dag/runs/$run/jobs/$job"
      params={{ dag: job.dag, run: job.run, job: job.job }}
      search={{ lane: job.lane ?? undefined, index: job.index >= 0 ? String(job.index) : undefined }}
      preload={false}
      className={classes.cell}
      style={{ top, height: ROW, width: COLUMN }}
      aria-label={name}
      title={name}
      data-look={look}
    >
      <Glyph look={look} size={18} />
    </Link>
  );
});
