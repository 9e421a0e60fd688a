// A week as a film: which run of each DAG was, or will be, the latest one, and where its jobs stand, from
// moment to moment. Pure.

import type { Estate, MapMember, RunState, TaskState } from "@/api/types";

export interface JobMoment {
  at: number;
  state: TaskState | null;
}
export interface RunMoment {
  at: number;
  run: string;
  state: RunState;
}

export interface Film {
  isForecast: boolean;
  from: number;
  to: number;
  /** Of each DAG, in order. */
  runs: Map<string, RunMoment[]>;
  /** Of each job and lane in each run (momentsKey), in order. */
  jobs: Map<string, JobMoment[]>;
  /** When jobs failed. */
  failures: number[];
}

/** Since before the film's beginning. */
export const EVER = Number.NEGATIVE_INFINITY;

/** `member`: the map's id of a job in one lane. */
export const momentsKey = (member: string, run: string) => `${member} ${run}`;
export const memberId = (dag: string, job: string, lane: string | null) =>
  `job:${dag}/${job}${lane ? `[${lane}]` : ""}`;

/** The last one that is not later. */
export function lastAt<T extends { at: number }>(moments: T[] | undefined, at: number): number {
  let [low, high] = [0, moments?.length ?? 0];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments?.[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function push<Key, T>(to: Map<Key, T[]>, key: Key, ...items: T[]) {
  const found = to.get(key);
  if (found) found.push(...items);
  else to.set(key, items);
}

/** What is told of nowhere else stands as it stands now. */
export function withTheRest(film: Film, live: Estate): Film {
  for (const dag of live.dags) {
    const { run } = dag;
    if (!run) continue;
    const moments = film.runs.get(dag.id) ?? [];
    if (!moments.some(moment => moment.run === run.dag_run_id))
      film.runs.set(dag.id, [{ at: EVER, run: run.dag_run_id, state: run.state }, ...moments]);
    const rest = (member: MapMember) => {
      const key = momentsKey(member.id, run.dag_run_id);
      if (!film.jobs.has(key)) film.jobs.set(key, [{ at: EVER, state: member.state }]);
    };
    for (const job of dag.jobs) job.members.forEach(rest);
  }
  return film;
}
