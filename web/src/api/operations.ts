// What the screens of operations ask, under keys that events make old (app/live.ts). What no event
// tells of is asked for again when its screen is opened, and when the tab comes into sight again.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { change, get, part } from "./client";
import type * as O from "./operationTypes";
import type { Deadline, ImportError, Role, Task } from "./types";

const LOOKED_AT = { staleTime: 0, refetchOnWindowFocus: "always" } as const;

export const poolDetails = () =>
  queryOptions({
    queryKey: ["pools", "details"],
    queryFn: async () => (await get<{ pools: O.PoolDetails[] }>("/pools", { limit: 1000 })).pools,
  });
/** Of all DAGs' runs: the API gives a hundred at most. */
export const MOST_TASKS = 100;
export type QueuedTask = Task & { pool_slots: number; priority_weight: number };
export const tasksWith = (state: "deferred" | "queued") =>
  queryOptions({
    queryKey: ["runs", "~", "tasks", "of-pools", state],
    queryFn: () =>
      get<{ task_instances: QueuedTask[]; total_entries: number }>("/dags/~/dagRuns/~/taskInstances", {
        state: state === "deferred" ? ["deferred", "running"] : state,
        limit: MOST_TASKS,
      }),
  });
export const limits = () =>
  queryOptions({
    queryKey: ["pools", "limits"],
    queryFn: async () => (await get<{ limits: O.Limit[] }>("/limits", { limit: 1000 })).limits,
  });
export const spend = () =>
  queryOptions({ queryKey: ["clusters", "spend"], queryFn: () => get<O.Spend>("/spend") });
export const callHistory = (over: string, interval: string) =>
  queryOptions({
    queryKey: ["budget", "history", over, interval],
    queryFn: () => get<O.CallHistory>("/budget/history", { over, interval }),
    placeholderData: keepPreviousData,
    ...LOOKED_AT,
  });
export const allHolds = () =>
  queryOptions({
    queryKey: ["holds", "all"],
    queryFn: async () => (await get<{ holds: O.HoldDetails[] }>("/holds", { limit: 1000 })).holds,
  });

export const deadlinesWithin = (horizon: string) =>
  queryOptions({
    queryKey: ["forecast", "deadlines", horizon],
    queryFn: () =>
      get<{ deadlines: Deadline[]; total_entries: number; is_cut: boolean }>("/deadlines", {
        limit: 1000,
        horizon,
      }),
    placeholderData: keepPreviousData,
  });
export const pastDeadlines = () =>
  queryOptions({
    queryKey: ["forecast", "past"],
    queryFn: async () =>
      (await get<{ deadlines: O.PastDeadline[] }>("/deadlines/past", { limit: 200 })).deadlines,
  });

export const backfills = (dag?: string) =>
  queryOptions({
    queryKey: ["backfills", "list", dag ?? ""],
    queryFn: async () =>
      (await get<{ backfills: O.Backfill[] }>("/backfills", { dag_id: dag, limit: 100, order_by: "-id" }))
        .backfills,
  });
export const backfill = (id: number) =>
  queryOptions({ queryKey: ["backfills", id], queryFn: () => get<O.BackfillDetails>(`/backfills/${id}`) });
export const backfillTicks = (id: number) =>
  queryOptions({
    queryKey: ["backfills", id, "ticks"],
    queryFn: async () =>
      (await get<{ ticks: O.BackfillTick[] }>(`/backfills/${id}/ticks`, { limit: 1000 })).ticks,
  });
export const holes = (dag: string) =>
  queryOptions({
    queryKey: ["dags", dag, "holes"],
    queryFn: async () => (await get<{ holes: O.Hole[] }>(`/dags/${part(dag)}/holes`, { limit: 1000 })).holes,
  });

export interface AuditFilters {
  actor?: string;
  kind?: string;
  dag?: string;
  refused?: string;
  from?: string;
  until?: string;
}
const AUDIT_PAGE = 100;
export const audit = ({ actor, kind, dag, refused, from, until }: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ["audit", actor, kind, dag, refused, from, until],
    queryFn: ({ pageParam }) =>
      get<O.AuditPage>("/audit", {
        actor,
        kind,
        dag_id: dag,
        refused: refused ? true : undefined,
        from,
        until,
        limit: AUDIT_PAGE,
        offset: pageParam,
      }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const read = pages.length * AUDIT_PAGE;
      return read < page.total_entries ? read : undefined;
    },
  });

export const importErrorsNow = () =>
  queryOptions({
    queryKey: ["import-errors", "all"],
    queryFn: async () =>
      (await get<{ import_errors: ImportError[] }>("/importErrors", { limit: 1000 })).import_errors,
    ...LOOKED_AT,
  });

export const users = () =>
  queryOptions({
    queryKey: ["records", "users"],
    queryFn: async () => (await get<{ users: O.User[] }>("/users", { limit: 1000 })).users,
  });
export const roles = () =>
  queryOptions({
    queryKey: ["roles"],
    queryFn: async () => (await get<{ roles: O.RoleWords[] }>("/roles")).roles,
    staleTime: Number.POSITIVE_INFINITY,
  });
export const tokens = (isEverybodys: boolean, me: string) =>
  queryOptions({
    queryKey: ["records", "tokens", isEverybodys],
    queryFn: async () =>
      (await get<{ tokens: O.Token[] }>("/tokens", { limit: 1000, user: isEverybodys ? undefined : me }))
        .tokens,
    ...LOOKED_AT,
  });
export const sessions = (isEverybodys: boolean, me: string) =>
  queryOptions({
    queryKey: ["records", "sessions", isEverybodys],
    queryFn: async () =>
      (
        await get<{ sessions: O.Session[] }>("/sessions", {
          limit: 1000,
          user: isEverybodys ? undefined : me,
        })
      ).sessions,
    ...LOOKED_AT,
  });

export const notifiers = () =>
  queryOptions({
    queryKey: ["notifiers"],
    queryFn: async () => (await get<{ notifiers: O.Notifier[] }>("/notifiers", { limit: 1000 })).notifiers,
    ...LOOKED_AT,
  });
export const testNotifier = (name: string, emails: string[]) =>
  change<O.NotifierTest>("POST", `/notifiers/${part(name)}/test`, emails.length > 0 ? { emails } : {});

export const sources = () =>
  queryOptions({ queryKey: ["dags", "sources"], queryFn: () => get<O.Sources>("/sources"), ...LOOKED_AT });
export const config = () =>
  queryOptions({ queryKey: ["config"], queryFn: () => get<O.Config>("/config"), ...LOOKED_AT });
export const process = () =>
  queryOptions({
    queryKey: ["health", "process"],
    queryFn: async () => {
      const { jobs } = await get<{ jobs: { id: number; state: string; start_date: string }[] }>("/jobs");
      return jobs[0];
    },
    ...LOOKED_AT,
  });
export const variableNames = () =>
  queryOptions({
    queryKey: ["records", "variables"],
    queryFn: async () =>
      (await get<{ variables: { key: string; description: string | null }[] }>("/variables", { limit: 1000 }))
        .variables,
  });
export const connectionNames = () =>
  queryOptions({
    queryKey: ["records", "connections"],
    queryFn: async () =>
      (
        await get<{
          connections: { connection_id: string; conn_type: string; description: string | null }[];
        }>("/connections", { limit: 1000 })
      ).connections,
  });

export const orphansNow = () =>
  queryOptions({ queryKey: ["clusters", "orphans", "all"], queryFn: () => get<O.Orphans>("/orphans") });

export interface NewUser {
  name: string;
  role: Role;
  scopes: string[];
}
export const createUser = (user: NewUser) =>
  change<O.User & { one_time_password?: string }>("POST", "/users", user);
export const resetPassword = (name: string) =>
  change<{ one_time_password: string }>("POST", `/users/${part(name)}/resetPassword`);
export const createToken = (token: { name: string; expires_in: string; role?: Role; scopes: string[] }) =>
  change<O.Token & { token: string }>("POST", "/tokens", token);
