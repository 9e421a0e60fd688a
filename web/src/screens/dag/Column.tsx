// A run in the grid: its bar, and below it a sign for each of its jobs that are in sight. There are a
// thousand of these: plain links, which the grid leads along without the page being loaded anew.

import { useQuery } from "@tanstack/react-query";
import { memo, useMemo } from "react";
import { part, pathWith } from "@/api/client";
import { tasksOf } from "@/api/queries";
import type { Run } from "@/api/types";
import { Glyph } from "@/state/Glyph";
import { type Fold, folded, jobsOf } from "@/state/jobs";
import { shownTask } from "@/state/states";
import { clockWords, dayWords, spanWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Grid.module.css";
import { BAR, COLUMN, HEAD, ROW } from "./measures";
import { foldOfRow, type Row } from "./rows";

const momentOf = (run: Run) => Date.parse(run.logical_date ?? run.run_after);

interface ColumnProps {
  run: Run;
  /** In the grid, left of it. */
  later: Run | undefined;
  left: number;
  rows: Row[];
  /** The rows in sight. */
  first: number;
  last: number;
  longest: number;
  /** Whether its jobs are asked for. */
  isAsked: boolean;
}

export const Column = memo(function Column({
  run,
  later,
  left,
  rows,
  first,
  last,
  longest,
  isAsked,
}: ColumnProps) {
  const zone = useZone();
  const isOver = run.state === "success" || run.state === "failed";
  const { data } = useQuery({
    ...tasksOf(run.dag_id, run.dag_run_id),
    staleTime: isOver ? Number.POSITIVE_INFINITY : 60_000,
    enabled: isAsked,
  });
  const jobs = useMemo(() => folded(jobsOf(data ?? [])), [data]);
  const { look, word } = shownTask(run.state);
  const took = run.duration ? `, ${spanWords(run.duration * 1000)}` : "";
  const height = Math.max(4, ((run.duration ?? 0) / longest) * BAR);
  const at = momentOf(run);
  const day = dayWords(at, zone);
  // Of several runs of a day the others have their times.
  const isNewDay = !later || dayWords(momentOf(later), zone) !== day;
  const path = `/dags/${part(run.dag_id)}/runs/${part(run.dag_run_id)}`;
  return (
    <div className={classes.column} style={{ left, width: COLUMN }}>
      <a
        href={path}
        className={classes.run}
        style={{ height: HEAD }}
        aria-label={`Run ${run.dag_run_id}: ${word}${took}`}
        title={`${run.dag_run_id}: ${word}${took}`}
        data-look={look}
      >
        <span className={classes.day}>{isNewDay ? day.replace(/^\w+,? /, "") : clockWords(at, zone)}</span>
        <span className={isOver ? classes.bar : classes.openBar} style={{ height }} />
      </a>
      {rows.slice(first, last + 1).map((row, i) => {
        const fold = foldOfRow(row, jobs);
        const group = row.kind === "group" ? row.name : undefined;
        return (
          fold && <Cell key={row.key} fold={fold} group={group} path={path} top={HEAD + (first + i) * ROW} />
        );
      })}
    </div>
  );
});

interface CellProps {
  fold: Fold;
  group: string | undefined;
  path: string;
  top: number;
}

const Cell = memo(function Cell({ fold, group, path, top }: CellProps) {
  const { job, words, of } = fold;
  const { look } = shownTask(job.state);
  const name =
    of > 1
      ? `${group ?? job.job}: ${words}`
      : `${job.name}: ${words}${job.try > 1 ? `, try ${job.try}` : ""}`;
  return (
    <a
      href={pathWith(`${path}/jobs/${part(job.job)}`, {
        lane: job.lane ?? undefined,
        index: job.index >= 0 ? job.index : undefined,
      })}
      className={classes.cell}
      style={{ top, height: ROW, width: COLUMN }}
      aria-label={name}
      title={name}
      data-look={look}
    >
      <Glyph look={look} size={18} />
    </a>
  );
});
