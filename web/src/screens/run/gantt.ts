// The rows of a run's Gantt chart: each job with its tries, what is expected, and whether it decides the end. Pure.

import type { Attempt, DagJob, ForecastRun } from "@/api/types";
import { folded, type JobOfRun, jobKey } from "@/state/jobs";
import { criticalPath } from "./critical";

export interface GanttBar {
  try: number;
  start: number;
  end: number | null;
  verdict: string | null;
}
export interface GanttRow {
  job: JobOfRun;
  /** Itself, or of mapped instances the one that a reader should see first. */
  shown: JobOfRun;
  bars: GanttBar[];
  expected: { start: number; end: number } | null;
  isCritical: boolean;
  slackMs: number | null;
}
export interface Gantt {
  rows: GanttRow[];
  from: number;
  to: number;
}

const ms = (time: string | null | undefined) => (time ? Date.parse(time) : null);

function criticalOf(jobs: JobOfRun[], dagJobs: DagJob[], forecast: ForecastRun | undefined): Set<string> {
  const upstream = new Map(dagJobs.map(job => [job.display_name, job.depends_on]));
  const spans = jobs.map(job => ({ name: job.name, start: ms(job.start), end: ms(job.end) }));
  const coming = (forecast?.critical_path ?? []).filter(
    job => job.dag_id === jobs[0]?.dag && job.dag_run_id === jobs[0]?.run,
  );
  const [next] = coming;
  if (!next) return new Set(criticalPath(spans, upstream));
  // What is to come is the forecast's; what led to it has happened.
  const before = upstream.get(next.display_name) ?? [];
  const led = spans.filter(span => before.includes(span.name));
  const past = criticalPath(withUpstream(led, spans, upstream), upstream);
  return new Set([...past, ...coming.map(job => job.display_name)]);
}

type Spans = Parameters<typeof criticalPath>[0];

/** These, and all that they depend on. */
function withUpstream(of: Spans, all: Spans, upstream: Map<string, string[]>): Spans {
  const names = new Set<string>();
  const add = (name: string) => {
    if (names.has(name)) return;
    names.add(name);
    for (const one of upstream.get(name) ?? []) add(one);
  };
  for (const one of of) add(one.name);
  return all.filter(span => names.has(span.name));
}

/** What has no time yet comes last. */
const beginOf = ({ bars, expected }: GanttRow) =>
  Math.min(...bars.map(bar => bar.start), expected?.start ?? Number.MAX_SAFE_INTEGER);

interface Asked {
  jobs: JobOfRun[];
  attempts: Attempt[];
  dagJobs: DagJob[];
  forecast: ForecastRun | undefined;
  begun: number;
  now: number;
}

/** In the order of their beginnings. Mapped instances stand in the row of their job. */
export function ganttOf({ jobs, attempts, dagJobs, forecast, begun, now }: Asked): Gantt {
  const whole = jobs.filter(job => job.index < 0);
  const folds = folded(jobs);
  const critical = criticalOf(whole, dagJobs, forecast);
  const tries = Map.groupBy(attempts, one => jobKey(one.job_id, one.lane_id, -1));
  const expected = new Map((forecast?.jobs ?? []).map(job => [job.display_name, job]));
  const rows = whole.map((job): GanttRow => {
    const own = expected.get(job.name);
    const start = ms(own?.start);
    const end = ms(own?.end);
    return {
      job,
      shown: folds.get(job.key)?.job ?? job,
      bars: (tries.get(job.key) ?? []).flatMap(one => {
        const began = ms(one.started_at);
        return began === null
          ? []
          : [{ try: one.try_number, start: began, end: ms(one.ended_at), verdict: one.verdict }];
      }),
      expected: start !== null && end !== null && end > now ? { start: Math.max(start, now), end } : null,
      isCritical: critical.has(job.name),
      slackMs: own ? own.slack_seconds * 1000 : null,
    };
  });
  const ends = rows.flatMap(row => [...row.bars.map(bar => bar.end ?? now), row.expected?.end ?? begun]);
  const starts = rows.flatMap(row => row.bars.map(bar => bar.start));
  const from = Math.min(begun, ...starts);
  rows.sort((a, b) => beginOf(a) - beginOf(b));
  return { rows, from, to: Math.max(from + 1, ...ends) };
}
