// The coming days as a film, from the forecast: typical durations, and nothing fails. Pure.

import type { Estate, ForecastRun } from "@/api/types";
import { EVER, type Film, memberId, momentsKey, push, withTheRest } from "./film";

export function filmOfForecast(runs: ForecastRun[], live: Estate, from: number, to: number): Film {
  const film: Film = { isForecast: true, from, to, runs: new Map(), jobs: new Map(), failures: [] };
  const latest = new Map(live.dags.map(dag => [dag.id, dag.run]));
  const states = new Map(
    live.dags.flatMap(dag => dag.jobs.flatMap(job => job.members.map(one => [one.id, one.state] as const))),
  );
  for (const [line, run] of latest)
    if (run) push(film.runs, line, { at: EVER, run: run.dag_run_id, state: run.state });

  for (const run of runs) {
    const line = `dag:${run.dag_id}`;
    const now = latest.get(line);
    const isLatest = now?.dag_run_id === run.dag_run_id;
    // Runs that are there and not the latest go on, and the map shows the latest.
    if (run.state !== "coming" && !isLatest) continue;
    let [first, last] = [Number.POSITIVE_INFINITY, EVER];
    for (const job of run.jobs ?? []) {
      const member = memberId(job.dag_id, job.job_id, job.lane);
      const key = momentsKey(member, run.dag_run_id);
      push(film.jobs, key, { at: EVER, state: isLatest ? (states.get(member) ?? null) : null });
      if (!job.start) continue;
      first = Math.min(first, Date.parse(job.start));
      push(film.jobs, key, { at: Date.parse(job.start), state: "running" });
      if (!job.end) continue;
      last = Math.max(last, Date.parse(job.end));
      push(film.jobs, key, { at: Date.parse(job.end), state: "success" });
    }
    const begins = run.run_after ? Date.parse(run.run_after) : first;
    const moments = [];
    if (!isLatest) moments.push({ at: begins, run: run.dag_run_id, state: "queued" as const });
    if (Number.isFinite(first))
      moments.push({ at: Math.max(first, from), run: run.dag_run_id, state: "running" as const });
    if (run.finish_p50 && Number.isFinite(last))
      moments.push({ at: last, run: run.dag_run_id, state: "success" as const });
    push(film.runs, line, ...moments);
  }
  for (const moments of film.runs.values()) moments.sort((a, b) => a.at - b.at);
  return withTheRest(film, live);
}
