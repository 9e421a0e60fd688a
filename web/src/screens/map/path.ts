// A critical path on the map: its stations, and the tracks between them. Pure.

import type { Estate, ForecastJob } from "@/api/types";
import type { Plan } from "./plan";

/** The stations of a path; those of several lanes in a row are one. */
export const pathOf = (path: ForecastJob[]): string[] =>
  path.map(job => `job:${job.dag_id}/${job.job_id}`).filter((id, i, all) => id !== all[i - 1]);

/** The ids of the tracks from each station of the path to the next one. */
export function litTracks(path: string[], estate: Estate, plan: Plan): Set<string> {
  const stationsOf = new Map(estate.dags.map(dag => [dag.id, dag.jobs.map(job => job.id)]));
  const reaches = (end: string, station: string) =>
    end === station || (stationsOf.get(end)?.includes(station) ?? false);
  const lit = new Set<string>();
  path.slice(1).forEach((to, i) => {
    const from = path[i] ?? to;
    for (const { id, ends } of plan.tracks) if (reaches(ends[0], from) && reaches(ends[1], to)) lit.add(id);
  });
  return lit;
}
