// Runs to the right, jobs down: a sign for each job of each run. Only what is in sight is drawn and
// asked for, so a thousand runs of two hundred jobs scroll.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { tasksOf } from "@/api/queries";
import type { DagDetails, Run } from "@/api/types";
import { Glyph } from "@/state/Glyph";
import { type JobOfRun, jobKey, jobsOf } from "@/state/jobs";
import { shownTask } from "@/state/states";
import { dayWords, spanWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Grid.module.css";
import { type Row, rowsOf } from "./rows";

const COLUMN = 30;
const ROW = 27;
const NAMES = 190;
const HEAD = 74;
const TALLEST = 600;

interface GridProps {
  jobs: DagDetails["jobs"];
  /** The newest first. */
  runs: Run[];
}

export function Grid({ jobs, runs }: GridProps) {
  const frame = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(jobs), [jobs]);
  const across = useVirtualizer({
    horizontal: true,
    count: runs.length,
    getScrollElement: () => frame.current,
    estimateSize: () => COLUMN,
    paddingStart: NAMES,
    overscan: 4,
  });
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    paddingStart: HEAD,
    overscan: 6,
  });
  const longest = useMemo(() => Math.max(1, ...runs.map(run => run.duration ?? 0)), [runs]);
  const inSight = down.getVirtualItems();
  return (
    <div
      ref={frame}
      className={classes.frame}
      style={{ maxHeight: TALLEST }}
      tabIndex={0}
      role="region"
      aria-label="Runs and jobs"
    >
      <div className={classes.whole} style={{ width: across.getTotalSize(), height: down.getTotalSize() }}>
        <div className={classes.names} style={{ width: NAMES, height: down.getTotalSize() }}>
          <div className={classes.corner} style={{ height: HEAD }}>
            newest run first
          </div>
          {inSight.map(item => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={row.key}
                  className={row.kind === "band" ? classes.band : classes.name}
                  style={{ top: item.start, height: ROW }}
                  title={row.name}
                >
                  {row.name}
                </div>
              )
            );
          })}
        </div>
        {across.getVirtualItems().map(item => {
          const run = runs[item.index];
          return (
            run && (
              <Column
                key={run.dag_run_id}
                run={run}
                left={item.start}
                rows={rows}
                inSight={inSight}
                longest={longest}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

interface ColumnProps {
  run: Run;
  left: number;
  rows: Row[];
  inSight: VirtualItem[];
  longest: number;
}

const BAR = 40;

function Column({ run, left, rows, inSight, longest }: ColumnProps) {
  const zone = useZone();
  const isOver = run.state === "success" || run.state === "failed";
  const { data } = useQuery({
    ...tasksOf(run.dag_id, run.dag_run_id),
    staleTime: isOver ? Number.POSITIVE_INFINITY : 60_000,
  });
  const jobs = useMemo(
    () => new Map(jobsOf(data ?? []).map(job => [jobKey(job.job, job.lane, -1), job])),
    [data],
  );
  const { look, word } = shownTask(run.state);
  const took = run.duration ? `, ${spanWords(run.duration * 1000)}` : "";
  const height = Math.max(4, ((run.duration ?? 0) / longest) * BAR);
  const at = Date.parse(run.logical_date ?? run.run_after);
  return (
    <div className={classes.column} style={{ left, width: COLUMN }}>
      <Link
        to="/dags/$dag/runs/$run"
        params={{ dag: run.dag_id, run: run.dag_run_id }}
        className={classes.run}
        style={{ height: HEAD }}
        aria-label={`Run ${run.dag_run_id}: ${word}${took}`}
        title={`${run.dag_run_id}: ${word}${took}`}
        data-look={look}
      >
        <span className={classes.day}>{dayWords(at, zone).replace(/^\w+,? /, "")}</span>
        <span className={isOver ? classes.bar : classes.openBar} style={{ height }} />
      </Link>
      {inSight.map(item => {
        const row = rows[item.index];
        if (row?.kind !== "job") return null;
        const job = jobs.get(row.key);
        return job && <Cell key={row.key} job={job} top={item.start} />;
      })}
    </div>
  );
}

function Cell({ job, top }: { job: JobOfRun; top: number }) {
  const { look, word } = shownTask(job.state);
  const name = `${job.name}: ${word}${job.try > 1 ? `, try ${job.try}` : ""}`;
  return (
    <Link
      to="/dags/$dag/runs/$run/jobs/$job"
      params={{ dag: job.dag, run: job.run, job: job.job }}
      search={{ lane: job.lane ?? undefined }}
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
}
