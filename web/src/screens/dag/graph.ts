// A DAG as a graph of boxes: a job stands for its lanes, a closed group for all that is in it. Pure.

import type { DagDetails } from "@/api/types";

export interface Box {
  id: string;
  kind: "job" | "group";
  title: string;
  /** The ids of the jobs that it stands for. */
  jobs: string[];
}
export interface Edge {
  from: string;
  to: string;
}
export interface Graph {
  boxes: Box[];
  edges: Edge[];
}

type Job = Pick<DagDetails["jobs"][number], "job_id" | "display_name" | "group" | "depends_on">;

/** The groups around a job, the outermost first: "load", "load.day". */
export function groupsAround(group: string | null): string[] {
  const parts = group ? group.split(".") : [];
  return parts.map((_, i) => parts.slice(0, i + 1).join("."));
}

export const closedAround = (group: string | null, open: ReadonlySet<string>) =>
  groupsAround(group).find(path => !open.has(path));

export function graphOf(jobs: Job[], open: ReadonlySet<string>): Graph {
  const boxes = new Map<string, Box>();
  const boxOf = new Map<string, string>(); // by the display name of a job
  for (const job of jobs) {
    const closed = closedAround(job.group, open);
    const id = closed === undefined ? `job:${job.job_id}` : `group:${closed}`;
    boxOf.set(job.display_name, id);
    const box = boxes.get(id) ?? {
      id,
      kind: closed === undefined ? "job" : "group",
      title: closed ?? job.job_id,
      jobs: [],
    };
    if (!box.jobs.includes(job.job_id)) box.jobs.push(job.job_id);
    boxes.set(id, box);
  }
  const edges = new Map<string, Edge>();
  for (const job of jobs)
    for (const upstream of job.depends_on) {
      const from = boxOf.get(upstream);
      const to = boxOf.get(job.display_name);
      if (from && to && from !== to) edges.set(`${from}>${to}`, { from, to });
    }
  return { boxes: [...boxes.values()], edges: [...edges.values()] };
}
