// What the board reads of the server's answers, and no more: docs/rest-api.md has them in whole.

import type { Param } from "@/actions/params";

export type Time = string; // RFC 3339

export type TaskState =
  | "none"
  | "scheduled"
  | "queued"
  | "running"
  | "success"
  | "restarting"
  | "failed"
  | "up_for_retry"
  | "up_for_reschedule"
  | "upstream_failed"
  | "skipped"
  | "removed"
  | "deferred";
export type RunState = "queued" | "running" | "success" | "failed";
export type DeadlineStatus = "withdrawn" | "met" | "on_track" | "at_risk" | "late" | "missed";
export type Role = "viewer" | "operator" | "author" | "admin";

export interface Me {
  name: string;
  role: Role;
  means: string;
  /** One list each of the user and of a token; an empty one is all DAGs. */
  scopes: string[][];
  csrf_token: string | null;
  deployment: string;
}

export interface Version {
  version: string;
  has_single_sign_on: boolean;
}

export interface HealthPart {
  status: "healthy" | "unhealthy" | null;
  since?: Time | null;
  message?: string | null;
}
export interface Health {
  now: Time;
  clock_speed: number;
  launching: HealthPart & { held?: string | null; holds: number };
  [part: string]: HealthPart | Time | number;
}

export interface MapDeadline {
  deadline: string | null;
  due: Time;
  status: DeadlineStatus;
}
export interface MapMember {
  id: string;
  lane_id: string | null;
  display_name: string;
  state: TaskState | null;
  try_number: number;
  start_date: Time | null;
  end_date: Time | null;
  next_try_at: Time | null;
  cluster: { cluster_id: string; state: string } | null;
  blocked_by: string[];
  deadline: MapDeadline | null;
  instances?: Record<string, number>;
}
export interface MapJob {
  id: string;
  job_id: string;
  type: string;
  group: string | null;
  is_mapped: boolean;
  pool: string;
  members: MapMember[];
}
export interface MapDag {
  id: string;
  dag_id: string;
  is_paused: boolean;
  owner: string | null;
  tags: string[];
  schedule: string | null;
  timezone: string;
  next_run: { run_after: Time; logical_date: Time | null } | null;
  /** The one that is on, or else the next one of a week. */
  blackout: { from: Time; to: Time; is_on: boolean } | null;
  run: {
    dag_run_id: string;
    state: RunState;
    logical_date: Time | null;
    start_date: Time | null;
    end_date: Time | null;
    deadline: MapDeadline | null;
  } | null;
  jobs: MapJob[];
}
export interface MapEdge {
  id: string;
  kind: "job" | "cross_dag" | "trigger" | "produces" | "reads" | "asset";
  from: string;
  to: string;
  window?: "latest_due" | "same_interval" | "covers" | "within";
  within?: string | null;
  offset?: string | null;
}
export interface Estate {
  dags: MapDag[];
  edges: MapEdge[];
  assets: { id: string; name: string; uri: string }[];
}

// Where things stand on the map, in cells of a grid: x to the right, y down.
export type Point = [number, number];
export interface Label {
  x: number;
  y: number;
  anchor: "start" | "middle" | "end";
  text: string;
}
export interface LayoutLine {
  id: string;
  label: string;
  color: number;
  label_at: Label;
}
export interface LayoutStation {
  id: string;
  line: string;
  x: number;
  y: number;
  tracks: number;
  interchange: boolean;
  label: Label;
}
export interface LayoutEdge {
  id: string;
  kind: "line" | "transfer" | "asset";
  line: string | null;
  points: Point[];
  implied?: boolean;
}
export interface MapLayout {
  width: number;
  height: number;
  lines: LayoutLine[];
  stations: LayoutStation[];
  edges: LayoutEdge[];
  assets: { id: string; x: number; y: number; label: Label }[];
}

export interface Dag {
  dag_id: string;
  description: string | null;
  is_paused: boolean;
  owners: string[];
  tags: { name: string }[];
  timetable_summary: string | null;
  timetable_description: string | null;
  next_dagrun_run_after: Time | null;
  last_run_id: string | null;
  last_run_state: RunState | null;
}

export interface DagJob {
  job_id: string;
  lane_id: string | null;
  display_name: string;
  task_ids: string[];
  is_mapped: boolean;
  depends_on: string[]; // display names
  depends_on_dags: { dag_id: string; job_id: string; lane_id: string | null; rule: string }[];
  group: string | null;
  trigger_rule: string;
  pool: string;
  retries: number;
  infra_retries: number;
  doc_md: string | null;
}
export interface DagDetails extends Dag {
  jobs: DagJob[];
  params: Record<string, Param>;
  timezone: string;
  start_date: Time | null;
  end_date: Time | null;
  catchup: boolean;
  max_active_runs: number;
  relative_fileloc: string;
}

export interface Run {
  dag_run_id: string;
  dag_id: string;
  run_type: string;
  state: RunState;
  logical_date: Time | null;
  data_interval_start: Time | null;
  data_interval_end: Time | null;
  run_after: Time;
  start_date: Time | null;
  end_date: Time | null;
  duration: number | null;
  triggering_user_name: string | null;
  note: string | null;
  conf: Record<string, unknown> | null;
}

/** What the list of DAGs shows of a run. */
export type RecentRun = Pick<
  Run,
  "dag_run_id" | "dag_id" | "state" | "run_after" | "start_date" | "end_date"
>;

export interface Blocker {
  kind: string;
  message: string;
  until: Time | null;
}
export interface Task {
  task_id: string;
  dag_id: string;
  dag_run_id: string;
  job_id: string;
  lane_id: string | null;
  map_index: number;
  display_name: string;
  state: TaskState | null;
  operator: string;
  try_number: number;
  max_tries: number;
  start_date: Time | null;
  end_date: Time | null;
  duration: number | null;
  queued_when: Time | null;
  next_try_at: Time | null;
  cluster_id: string | null;
  pool: string;
  note: string | null;
  reason: string | null;
  blocked_by: Blocker[];
}

export interface Attempt {
  dag_id: string;
  dag_run_id: string;
  job_id: string;
  lane_id: string | null;
  map_index: number;
  display_name: string;
  try_number: number;
  started_at: Time | null;
  ended_at: Time | null;
  verdict: string | null;
  reason: string | null;
  cause: string | null;
  cluster_ids: string[];
}

export interface Cluster {
  cluster_id: string;
  name: string;
  state: string;
  phase: string;
  health: string;
  region: string;
  reason: string | null;
  created_at: Time | null;
  ended_at: Time | null;
  terminate_requested_at: Time | null;
  estimated_cost_usd: number | null;
  dag_id: string | null;
  dag_run_id: string | null;
  job_id: string | null;
  lane_id: string | null;
  map_index: number | null;
  try_number: number | null;
}
export interface Step {
  step_id: string;
  name: string;
  state: string;
  failure: string | null;
  start_date: Time | null;
  end_date: Time | null;
}
export interface Fleet {
  fleet_id: string;
  role: string;
  state: string;
  target: number;
  running: number;
}
export interface HistoryRow {
  seq: number;
  at: Time;
  kind: string;
  entity: string;
  dag_id: string | null;
  dag_run_id: string | null;
  job_id: string | null;
  lane_id: string | null;
  map_index: number;
  cluster_id: string | null;
  from: string;
  to: string;
  cause: string;
  actor: string | null;
}
export interface ClusterDetails extends Cluster {
  steps: Step[];
  fleets: Fleet[];
  log_uri: string | null;
  verdict: string | null;
  verdict_reason: string | null;
  timeline: HistoryRow[];
}

export interface Deadline {
  deadline: string | null;
  dag_id: string;
  dag_run_id: string;
  state: string;
  job: string | null;
  due: Time;
  status: DeadlineStatus;
  miss_chance: number;
  finish_p50: Time | null;
  finish_p90: Time | null;
  holds_up: string | null;
}
export interface ForecastJob {
  dag_id: string;
  dag_run_id: string;
  job_id: string;
  lane: string | null;
  display_name: string;
  start: Time | null;
  end: Time | null;
}
export interface ForecastRun {
  dag_id: string;
  dag_run_id: string;
  state: string;
  run_after: Time | null;
  finish_p50: Time | null;
  finish_p90: Time | null;
  never: string | null;
  critical_path: ForecastJob[];
  jobs?: (ForecastJob & { end_p90: Time | null; slack_seconds: number })[]; // of one run
}

export interface Pool {
  name: string;
  slots: number;
  occupied_slots: number;
  queued_slots: number;
}
export interface BudgetAction {
  action: string;
  quota: { burst: number; per_second: number; tokens: number };
  made: number;
  throttled: number;
  failed: number;
  waiting: number;
}
export interface Budget {
  now: Time;
  account: { quota: BudgetAction["quota"] };
  actions: BudgetAction[];
}
export interface Orphan {
  cluster_id: string;
  name: string;
  state: string;
  created_at: Time | null;
  fate: string;
}
export interface Hold {
  id: number;
  scope: string;
  target: string | null;
  reason: string | null;
  since: Time | null;
  placed_by: string;
}
export interface LogPage {
  content: { timestamp: Time | null; event: string; level?: string; logger?: string }[];
  continuation_token: string | null;
}
export interface ImportError {
  import_error_id: number;
  filename: string;
  stack_trace: string;
  timestamp: Time;
}
