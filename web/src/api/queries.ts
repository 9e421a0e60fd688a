// What can be asked, under keys that begin with the kind of thing: events make these old.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import type * as T from "./types";

const PAGE = 1000; // the server's most
const MOST = 10_000;

/** A list of the server in whole, by its name in the answer. */
async function allOf<Row>(path: string, name: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await get<Record<string, Row[]>>(path, { limit: PAGE, offset: rows.length });
    const more = page[name] ?? [];
    rows.push(...more);
    if (more.length < PAGE || rows.length >= MOST) return rows;
  }
}

const runPath = (dag: string, run: string) => `/dags/${part(dag)}/dagRuns/${part(run)}`;

export const me = () =>
  queryOptions({ queryKey: ["me"], queryFn: () => get<T.Me>("/me"), staleTime: Number.POSITIVE_INFINITY });
export const version = () =>
  queryOptions({
    queryKey: ["version"],
    queryFn: () => get<T.Version>("/version"),
    staleTime: Number.POSITIVE_INFINITY,
  });
export const health = () =>
  queryOptions({
    queryKey: ["health"],
    queryFn: () => get<T.Health>("/monitor/health"),
    refetchOnWindowFocus: "always",
  });

export const estate = () =>
  queryOptions({ queryKey: ["map", "estate"], queryFn: () => get<T.Estate>("/map") });
export const layout = () =>
  queryOptions({ queryKey: ["layout"], queryFn: () => get<T.MapLayout>("/map/layout") });

export const dags = () =>
  queryOptions({
    queryKey: ["dags", "list"],
    queryFn: () => allOf<T.Dag>("/dags", "dags"),
  });
export const dagDetails = (id: string) =>
  queryOptions({ queryKey: ["dags", id], queryFn: () => get<T.DagDetails>(`/dags/${part(id)}/details`) });

export const runsOf = (dagId: string, limit: number, state?: string) =>
  queryOptions({
    queryKey: ["runs", dagId, "list", limit, state ?? ""],
    queryFn: async () =>
      (
        await get<{ dag_runs: T.Run[] }>(`/dags/${part(dagId)}/dagRuns`, {
          limit,
          state,
          order_by: "-run_after",
        })
      ).dag_runs,
    placeholderData: keepPreviousData,
  });
/** The newest runs of each DAG, for the bars of the list. */
export const recentRuns = (limit: number) =>
  queryOptions({
    queryKey: ["runs", "~", "recent", limit],
    queryFn: async () => (await get<{ dag_runs: T.RecentRun[] }>("/dags/~/recentRuns", { limit })).dag_runs,
  });
export const run = (dagId: string, id: string) =>
  queryOptions({ queryKey: ["runs", dagId, id], queryFn: () => get<T.Run>(runPath(dagId, id)) });
export const tasksOf = (dagId: string, runId: string) =>
  queryOptions({
    queryKey: ["runs", dagId, runId, "tasks"],
    queryFn: () => allOf<T.Task>(`${runPath(dagId, runId)}/taskInstances`, "task_instances"),
  });
export const logOf = (dagId: string, runId: string, task: string, index: number, tryNumber: number) =>
  infiniteQueryOptions({
    queryKey: ["runs", dagId, runId, "log", task, index, tryNumber],
    queryFn: ({ pageParam }) =>
      get<T.LogPage>(`${runPath(dagId, runId)}/taskInstances/${part(task)}/logs/${tryNumber}`, {
        map_index: index >= 0 ? index : undefined,
        token: pageParam || undefined,
      }),
    initialPageParam: "",
    getNextPageParam: page => page.continuation_token,
  });
export const attemptsOf = (dagId: string, runId: string) =>
  queryOptions({
    queryKey: ["runs", dagId, runId, "attempts"],
    queryFn: () => allOf<T.Attempt>(`${runPath(dagId, runId)}/attempts`, "attempts"),
  });
const readForecast = (dagId: string, runId: string) =>
  get<T.ForecastRun>(`${runPath(dagId, runId)}/forecast`);
export const runForecast = (dagId: string, runId: string) =>
  queryOptions({ queryKey: ["forecast", dagId, runId], queryFn: () => readForecast(dagId, runId) });
/** The same as it was when these jobs began: it is asked for again when others are at work. */
export const forecastWith = (dagId: string, runId: string, atWork: string[]) =>
  queryOptions({
    queryKey: ["expected", dagId, runId, ...atWork],
    queryFn: () => readForecast(dagId, runId),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000, // it is not asked for again
    retry: false,
  });

export const clusters = (isLive: boolean) =>
  queryOptions({
    queryKey: ["clusters", "list", isLive],
    queryFn: async () =>
      (await get<{ clusters: T.Cluster[] }>("/clusters", { live: isLive || undefined, limit: 500 })).clusters,
    placeholderData: keepPreviousData,
  });
export const cluster = (id: string) =>
  queryOptions({ queryKey: ["clusters", id], queryFn: () => get<T.ClusterDetails>(`/clusters/${part(id)}`) });

export const deadlines = () =>
  queryOptions({
    queryKey: ["forecast", "deadlines"],
    queryFn: () => get<{ deadlines: T.Deadline[]; now: T.Time }>("/deadlines", { limit: 200, horizon: "7d" }),
  });
export const openTasks = (states: T.TaskState[]) =>
  queryOptions({
    queryKey: ["runs", "~", "tasks", states],
    queryFn: async () =>
      (
        await get<{ task_instances: T.Task[] }>("/dags/~/dagRuns/~/taskInstances", {
          state: states,
          limit: 100,
        })
      ).task_instances,
  });
export const pools = () =>
  queryOptions({
    queryKey: ["pools"],
    queryFn: async () => (await get<{ pools: T.Pool[] }>("/pools")).pools,
  });
export const budget = () =>
  queryOptions({
    queryKey: ["budget"],
    queryFn: () => get<T.Budget>("/budget"),
    refetchOnWindowFocus: "always",
  });
export const orphans = () =>
  queryOptions({
    queryKey: ["clusters", "orphans"],
    queryFn: async () => (await get<{ orphans: T.Orphan[] }>("/orphans")).orphans,
  });
export const holds = () =>
  queryOptions({
    queryKey: ["holds"],
    queryFn: async () => (await get<{ holds: T.Hold[] }>("/holds", { active: true })).holds,
  });
export const importErrors = () =>
  queryOptions({
    queryKey: ["import-errors"],
    queryFn: async () => (await get<{ import_errors: T.ImportError[] }>("/importErrors")).import_errors,
    refetchOnWindowFocus: "always",
  });
