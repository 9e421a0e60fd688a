// How long runs, or one job of them, took, and how late they landed. Pure.

import type { Run } from "@/api/types";
import type { JobOfRun } from "@/state/jobs";
import { type Look, shownTask } from "@/state/states";

export type Measure = "duration" | "landing";

export interface Bar {
  run: string;
  job: JobOfRun | null;
  at: string;
  ms: number;
  isOpen: boolean;
  look: Look;
  word: string;
}

/** From when on a run's result could be there: the end of its data, or when it was to begin. */
const dueOf = (run: Run) => Date.parse(run.data_interval_end ?? run.run_after);

interface Times {
  start: string | null;
  end: string | null;
}

function measured(run: Run, { start, end }: Times, measure: Measure, now: number): number | undefined {
  if (!start) return undefined;
  const until = end ? Date.parse(end) : now;
  return Math.max(0, until - (measure === "landing" ? dueOf(run) : Date.parse(start)));
}

/** The oldest first; what has not begun is left out. */
export function barsOfRuns(runs: Run[], measure: Measure, now: number): Bar[] {
  return runs.toReversed().flatMap(run => {
    const ms = measured(run, { start: run.start_date, end: run.end_date }, measure, now);
    if (ms === undefined) return [];
    return [
      {
        run: run.dag_run_id,
        job: null,
        at: run.logical_date ?? run.run_after,
        ms,
        isOpen: !run.end_date,
        ...shownTask(run.state),
      },
    ];
  });
}

export function barsOfJob(jobs: JobOfRun[], runs: Run[], measure: Measure, now: number): Bar[] {
  const byRun = new Map(jobs.map(job => [job.run, job]));
  return runs.toReversed().flatMap(run => {
    const job = byRun.get(run.dag_run_id);
    const ms = job && measured(run, job, measure, now);
    if (!job || ms === undefined) return [];
    return [
      {
        run: run.dag_run_id,
        job,
        at: run.logical_date ?? run.run_after,
        ms,
        isOpen: !job.end,
        ...shownTask(job.state),
      },
    ];
  });
}

/** The value below which that share lies; nothing of nothing. */
export function quantile(values: number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0];
}
