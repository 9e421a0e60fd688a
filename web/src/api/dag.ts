// What the tabs of a DAG, of a run and of a job ask for.

import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import type { HistoryRow, Task, Time } from "./types";

export interface DagVersion {
  version_number: number;
  created_at: Time | null;
}
export interface NextTick {
  logical_date: Time | null;
  run_after: Time;
}
export interface Lane {
  lane_id: string;
  params: Record<string, unknown>;
}
/** A try of a task, with the request of its launch as EMR got it. */
export interface TryWithRequest extends Task {
  request: Record<string, unknown> | null;
}

export const HISTORY_MOST = 1000;

const dagPath = (dag: string) => `/dags/${part(dag)}`;

/** The oldest first. */
export const versionsOf = (dag: string) =>
  queryOptions({
    queryKey: ["dags", dag, "versions"],
    queryFn: async () =>
      (await get<{ dag_versions: DagVersion[] }>(`${dagPath(dag)}/dagVersions`, { limit: 1000 }))
        .dag_versions,
  });
/** A version stays what it is. */
export const sourceOf = (dag: string, version: number) =>
  queryOptions({
    queryKey: ["source", dag, version],
    queryFn: async () =>
      (await get<{ content: string }>(`/dagSources/${part(dag)}`, { version_number: version })).content,
    staleTime: Number.POSITIVE_INFINITY,
  });
export const nextTicksOf = (dag: string, limit: number) =>
  queryOptions({
    queryKey: ["dags", dag, "ticks", limit],
    queryFn: async () => (await get<{ ticks: NextTick[] }>(`${dagPath(dag)}/nextTicks`, { limit })).ticks,
  });
export const lanesOf = (dag: string) =>
  queryOptions({
    queryKey: ["dags", dag, "lanes"],
    queryFn: async () => (await get<{ lanes: Lane[] }>(`${dagPath(dag)}/lanes`)).lanes,
  });
/** These tasks in all runs of a DAG, the newest runs first. */
export const tasksOverRuns = (dag: string, taskIds: string[]) =>
  queryOptions({
    queryKey: ["runs", dag, "over", taskIds],
    queryFn: async () =>
      (
        await get<{ task_instances: Task[] }>(`${dagPath(dag)}/dagRuns/~/taskInstances`, {
          task_id: taskIds,
          limit: 100,
          order_by: "-run_after",
        })
      ).task_instances,
  });
export const tryOf = (dag: string, run: string, task: string, index: number, tryNumber: number) =>
  queryOptions({
    queryKey: ["runs", dag, run, "try", task, index, tryNumber],
    queryFn: () =>
      get<TryWithRequest>(
        `${dagPath(dag)}/dagRuns/${part(run)}/taskInstances/${part(task)}/tries/${tryNumber}`,
        { map_index: index >= 0 ? index : undefined },
      ),
  });
export const historyOf = (dag: string, run: string, job?: string, lane?: string | null, index = -1) =>
  queryOptions({
    queryKey: ["runs", dag, run, "history", job ?? "", lane ?? "", index],
    queryFn: async () =>
      (
        await get<{ history: HistoryRow[] }>("/history", {
          dag_id: dag,
          dag_run_id: run,
          job_id: job,
          lane_id: lane ?? undefined,
          map_index: index >= 0 ? index : undefined,
          limit: HISTORY_MOST,
          order_by: "-seq",
        })
      ).history,
  });
