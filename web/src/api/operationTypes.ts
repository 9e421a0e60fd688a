// What the screens of operations read of the server's answers, and no more.

import type { DeadlineStatus, Hold, Orphan, Pool, Role, Time } from "./types";

export interface PoolDetails extends Pool {
  description: string | null;
  deferred_slots: number;
}
export interface Limit {
  limit: string;
  scope: "project" | "dag";
  dag_id: string | null;
  by: string | null;
  max: number | null;
  max_vcpus: number | null;
  most_held: number;
  most_vcpus: number | null;
  queued: number;
  values: { value: string | null; held: number; queued: number; vcpus: number | null }[] | null;
}
export interface Spent {
  estimated_cost_usd: number;
  clusters: number;
  clusters_without_price: number;
  spend_cap_usd: number | null;
}
export interface Spend extends Spent {
  day: string;
  dags: (Spent & { dag_id: string })[];
}

export interface HoldDetails extends Hold {
  active: boolean;
  released_at: Time | null;
  released_by: string | null;
}

export interface PastDeadline {
  deadline: string | null;
  dag_id: string;
  dag_run_id: string;
  job: string | null;
  due: Time;
  status: DeadlineStatus;
  since: Time;
}

export type Reprocess = "none" | "failed" | "completed";
export interface Backfill {
  id: number;
  dag_id: string;
  from_date: Time | null;
  to_date: Time | null;
  is_paused: boolean;
  reprocess_behavior: Reprocess;
  max_active_runs: number;
  created_at: Time;
  completed_at: Time | null;
  run_backwards: boolean;
  fills_holes: boolean;
  state: "running" | "paused" | "completed" | "cancelled";
  created_by: string;
}
export interface BackfillDetails extends Backfill {
  num_ticks: number;
  ticks: Record<string, number>;
}
export interface BackfillTick {
  logical_date: Time;
  data_interval_start: Time;
  data_interval_end: Time;
  outcome: string;
  dag_run_id: string | null;
}
export interface BackfillPlan {
  backfills: BackfillTick[];
  left_out: BackfillTick[];
  clipped: string | null;
}
export interface NewBackfill {
  dag_id: string;
  from_date?: Time;
  to_date?: Time;
  reprocess_behavior: Reprocess;
  max_active_runs?: number;
  run_backwards: boolean;
}
export interface Hole {
  dag_id: string;
  first_data_interval_start: Time;
  last_data_interval_end: Time;
  ticks: number;
  filled: number;
  reason: string;
  recorded_at: Time;
}

export interface AuditEntry {
  seq: number;
  at: Time;
  kind: string;
  entity: string;
  dag_id: string | null;
  dag_run_id: string | null;
  from: string;
  to: string;
  cause: string;
  actor: string | null;
  means: string | null;
  address: string | null;
}
export interface AuditPage {
  audit: AuditEntry[];
  total_entries: number;
  total_entries_limited: boolean;
}

export interface User {
  name: string;
  role: Role | null;
  scopes: string[];
  is_disabled: boolean;
  has_password: boolean;
  issuer?: string | null;
  must_change_password: boolean;
  created_at: Time | null;
  is_unreadable: boolean;
}
export interface RoleWords {
  name: Role;
  description: string;
}
export interface Token {
  id: string;
  name: string;
  user: string;
  prefix: string;
  role: Role;
  scopes: string[];
  created_at: Time;
  expires_at: Time;
  last_used_at: Time | null;
}
export interface Session {
  id: string;
  user: string;
  kind: "browser" | "bearer";
  address: string | null;
  created_at: Time;
  expires_at: Time;
  last_used_at: Time | null;
}

export interface Notifier {
  name: string;
  type: string;
  pending: number | null;
  sent: number | null;
  failed: number | null;
  given_up: number | null;
  last_success: Time | null;
  failing_since: Time | null;
  last_error: string | null;
}
export interface NotifierTest {
  is_delivered: boolean;
  answer: string;
}

export interface Sources {
  project: { folder: string; deployment: string; region: string; read_at: Time; trouble: string | null };
  files: { path: string; kind: string; size: number; import_errors: number; dags: { dag_id: string }[] }[];
  news: {
    source: string;
    status: string;
    since: Time | null;
    message: string | null;
    last_answer: Time | null;
  }[];
}
export interface Config {
  sections: { name: string; options: { key: string; value: string }[] }[];
}
export interface Orphans {
  orphans: (Orphan & {
    class: string;
    region: string;
    first_seen_at: Time | null;
    terminate_requested_at: Time | null;
  })[];
  armed: boolean;
  refusal: string | null;
}

export type CallSource = "launch" | "terminate" | "sweep" | "look" | "audit";
export interface CallHistory {
  now: Time;
  since: Time;
  interval_seconds: number;
  buckets: {
    start: Time;
    calls: { action: string; source: CallSource; made: number; throttled: number }[];
    /** So many calls a sensor for each cluster would have made; null for who sees a part of the DAGs. */
    cluster_minutes: number | null;
  }[];
}
