// The rows of a DAG's grid: its lanes as bands, each with its jobs in the file's order. Pure.

import type { DagDetails } from "@/api/types";
import { jobKey } from "@/state/jobs";

export interface Row {
  kind: "band" | "job";
  key: string;
  name: string;
}

export function rowsOf(jobs: DagDetails["jobs"]): Row[] {
  const bands = Map.groupBy(jobs, job => job.lane_id);
  const hasLanes = [...bands.keys()].some(lane => lane !== null);
  return [...bands].flatMap(([lane, list]) => {
    const rows: Row[] = list.map(job => ({
      kind: "job",
      key: jobKey(job.job_id, lane, -1),
      name: job.job_id,
    }));
    if (hasLanes)
      rows.unshift({
        kind: "band",
        key: `lane/${lane ?? ""}`,
        name: lane === null ? "of all lanes" : `lane ${lane}`,
      });
    return rows;
  });
}
