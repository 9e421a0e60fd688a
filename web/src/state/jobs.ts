// A job stands in Airflow's lists as its tasks, one after the other. Pure.

import type { Task, TaskState } from "@/api/types";
import { shownTask, together } from "./states";

export interface JobOfRun {
  key: string;
  dag: string;
  run: string;
  job: string;
  lane: string | null;
  index: number;
  name: string;
  state: TaskState | null;
  tasks: Task[];
  try: number;
  start: string | null;
  end: string | null;
  cluster: string | null;
  /** Of whichever task has one. */
  note: string | null;
  /** The task that says what the job does now. */
  now: Task;
}

export const jobKey = (job: string, lane: string | null, index: number) =>
  `${job}${lane ? `[${lane}]` : ""}${index >= 0 ? `#${index}` : ""}`;

const isDone = (task: Task) => task.state === "success";

export function jobsOf(tasks: Task[]): JobOfRun[] {
  const groups = Map.groupBy(
    tasks,
    task => `${task.dag_id}/${task.dag_run_id}/${jobKey(task.job_id, task.lane_id, task.map_index)}`,
  );
  return [...groups.values()].flatMap(group => {
    const [first] = group;
    const last = group.at(-1);
    if (!first || !last) return [];
    const now = group.find(task => !isDone(task)) ?? last;
    return [
      {
        key: jobKey(first.job_id, first.lane_id, first.map_index),
        dag: first.dag_id,
        run: first.dag_run_id,
        job: first.job_id,
        lane: first.lane_id,
        index: first.map_index,
        name: first.display_name,
        // Between its tasks a job runs on.
        state: now !== first && now.state === null ? "running" : now.state,
        tasks: group,
        try: Math.max(...group.map(task => task.try_number)),
        start: first.start_date,
        end: last.end_date,
        cluster: group.find(task => task.cluster_id)?.cluster_id ?? null,
        note: group.find(task => task.note)?.note ?? null,
        now,
      },
    ];
  });
}

export interface Fold {
  /** Of several instances the one that a reader should see first. */
  job: JobOfRun;
  /** "failed", or of several instances "1 failed, 2 success". */
  words: string;
  of: number;
}

/** The instances of a mapped job as one, by its key without an index. */
export function folded(jobs: JobOfRun[]): Map<string, Fold> {
  const folds = new Map<string, Fold>();
  for (const [key, list] of Map.groupBy(jobs, job => jobKey(job.job, job.lane, -1))) {
    const state = together(list.map(job => job.state));
    const job = list.find(one => one.state === state);
    if (!job) continue;
    const counts = [...Map.groupBy(list, one => shownTask(one.state).word)];
    const words =
      list.length === 1
        ? shownTask(state).word
        : counts.map(([word, some]) => `${some.length} ${word}`).join(", ");
    folds.set(key, { job, words, of: list.length });
  }
  return folds;
}
