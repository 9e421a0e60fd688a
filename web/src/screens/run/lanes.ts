// A run's jobs side by side, a column for each lane. Pure.

import { folded, type JobOfRun } from "@/state/jobs";

export interface LaneTable {
  lanes: string[];
  rows: { job: string; byLane: Map<string, JobOfRun>; ofAll: JobOfRun | undefined }[];
}

/** Of mapped instances the one that a reader should see first stands in the cell of their job. */
export function laneTableOf(jobs: JobOfRun[]): LaneTable {
  const whole = [...folded(jobs).values()].map(fold => fold.job);
  const rows = [...Map.groupBy(whole, job => job.job)].map(([job, list]) => ({
    job,
    byLane: new Map(list.flatMap(one => (one.lane === null ? [] : [[one.lane, one] as const]))),
    ofAll: list.find(one => one.lane === null),
  }));
  return { lanes: [...new Set(whole.flatMap(job => job.lane ?? []))], rows };
}
