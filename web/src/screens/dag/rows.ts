// The rows of a DAG's grid: its lanes as bands, each with its groups and jobs in the file's order. Pure.

import type { DagJob } from "@/api/types";
import { type Fold, jobKey } from "@/state/jobs";
import { shownTask, together } from "@/state/states";
import { groupsAround } from "./graph";

export interface Row {
  kind: "band" | "group" | "job";
  key: string;
  name: string;
  /** Of a group, as an opened one is named. */
  path: string;
  depth: number;
  /** The keys of the jobs that it stands for. */
  jobs: string[];
}

type Job = Pick<DagJob, "job_id" | "lane_id" | "group">;

export function rowsOf(jobs: Job[], open: ReadonlySet<string>): Row[] {
  const bands = Map.groupBy(jobs, job => job.lane_id);
  const hasLanes = [...bands.keys()].some(lane => lane !== null);
  return [...bands].flatMap(([lane, list]) => {
    const rows = rowsOfLane(list, open, lane);
    if (hasLanes)
      rows.unshift({
        kind: "band",
        key: `lane/${lane ?? ""}`,
        name: lane === null ? "of all lanes" : `lane ${lane}`,
        path: "",
        depth: 0,
        jobs: [],
      });
    return rows;
  });
}

interface Branch {
  row: Row;
  below: Branch[];
}

/** What is in a group follows its row, also where other jobs stand between in the file. */
function rowsOfLane(jobs: Job[], open: ReadonlySet<string>, lane: string | null): Row[] {
  const top: Branch[] = [];
  const groups = new Map<string, Branch>();
  for (const job of jobs) {
    const key = jobKey(job.job_id, lane, -1);
    const around = groupsAround(job.group);
    let below = top;
    around.forEach((path, depth) => {
      let branch = groups.get(path);
      if (!branch) {
        const name = path.split(".").at(-1) ?? path;
        branch = {
          row: { kind: "group", key: `group/${lane ?? ""}/${path}`, name, path, depth, jobs: [] },
          below: [],
        };
        groups.set(path, branch);
        below.push(branch);
      }
      branch.row.jobs.push(key);
      below = branch.below;
    });
    below.push({
      row: { kind: "job", key, name: job.job_id, path: "", depth: around.length, jobs: [key] },
      below: [],
    });
  }
  const flat = (branches: Branch[]): Row[] =>
    branches.flatMap(({ row, below }) => [
      row,
      ...(row.kind === "group" && !open.has(row.path) ? [] : flat(below)),
    ]);
  return flat(top);
}

/** What a row shows of a run: the job that a reader should see first, and how many are what. */
export function foldOfRow(row: Row, jobs: ReadonlyMap<string, Fold>): Fold | undefined {
  const folds = row.jobs.flatMap(key => jobs.get(key) ?? []);
  if (folds.length <= 1) return folds[0];
  const state = together(folds.map(fold => fold.job.state));
  const first = folds.find(fold => fold.job.state === state);
  if (!first) return undefined;
  const counts = [...Map.groupBy(folds, fold => shownTask(fold.job.state).word)];
  return {
    job: first.job,
    words: counts.map(([word, some]) => `${some.length} ${word}`).join(", "),
    of: folds.length,
  };
}
