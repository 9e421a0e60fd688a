// A job stands in Airflow's lists as its tasks, one after the other. Pure.

import type { Task, TaskState } from "@/api/types";

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
        now,
      },
    ];
  });
}
