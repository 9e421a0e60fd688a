// How states look and what they are called. One table for every screen and for the map.

import type { DeadlineStatus, RunState, TaskState } from "@/api/types";

export type Look =
  | "none"
  | "waiting"
  | "queued"
  | "running"
  | "success"
  | "failed"
  | "retry"
  | "upstream"
  | "skipped"
  | "ending";

interface Shown {
  look: Look;
  word: string;
}

const TASK: Record<TaskState, Shown> = {
  none: { look: "none", word: "not started" },
  scheduled: { look: "waiting", word: "scheduled" },
  queued: { look: "queued", word: "queued" },
  running: { look: "running", word: "running" },
  restarting: { look: "running", word: "restarting" },
  deferred: { look: "running", word: "running" },
  success: { look: "success", word: "success" },
  failed: { look: "failed", word: "failed" },
  up_for_retry: { look: "retry", word: "waits for its next try" },
  up_for_reschedule: { look: "retry", word: "waits to look again" },
  upstream_failed: { look: "upstream", word: "upstream failed" },
  skipped: { look: "skipped", word: "skipped" },
  removed: { look: "skipped", word: "removed" },
};

const CLUSTER: Record<string, Shown> = {
  STARTING: { look: "queued", word: "starting" },
  BOOTSTRAPPING: { look: "queued", word: "bootstrapping" },
  RUNNING: { look: "running", word: "running" },
  WAITING: { look: "waiting", word: "waiting" },
  TERMINATING: { look: "ending", word: "terminating" },
  TERMINATED: { look: "success", word: "terminated" },
  TERMINATED_WITH_ERRORS: { look: "failed", word: "terminated with errors" },
  ZERO_CORE: { look: "failed", word: "ZERO_CORE" },
  ZERO_MASTER: { look: "failed", word: "ZERO_MASTER" },
  LOST: { look: "failed", word: "lost" },
  PENDING: { look: "waiting", word: "pending" },
  COMPLETED: { look: "success", word: "completed" },
  CANCELLED: { look: "skipped", word: "cancelled" },
  FAILED: { look: "failed", word: "failed" },
  INTERRUPTED: { look: "failed", word: "interrupted" },
};

export const shownTask = (state: TaskState | RunState | null): Shown => TASK[state ?? "none"] ?? TASK.none;
export const shownCluster = (state: string): Shown =>
  CLUSTER[state] ?? { look: "none", word: state.toLowerCase() };

/** Which of several states a reader should see first. */
const RANK: Look[] = [
  "none",
  "skipped",
  "success",
  "waiting",
  "queued",
  "ending",
  "running",
  "upstream",
  "retry",
  "failed",
];
export const worst = (looks: Look[]): Look =>
  looks.reduce<Look>((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), "none");

/** What a job of several lanes is as a whole: done only if all of them are. */
export function together(states: (TaskState | null)[]): TaskState | null {
  const unfinished = states.filter(state => shownTask(state).look !== "success");
  if (states.length > 0 && unfinished.length === 0) return "success";
  const top = worst(unfinished.map(state => shownTask(state).look));
  return unfinished.find(state => shownTask(state).look === top) ?? null;
}

export type Urgency = "late" | "risk" | "fine";
export function urgencyOf(status: DeadlineStatus | undefined): Urgency {
  if (status === "late" || status === "missed") return "late";
  return status === "at_risk" ? "risk" : "fine";
}

const DEADLINES: DeadlineStatus[] = ["missed", "late", "at_risk", "on_track", "met", "withdrawn"];
/** How soon a reader should see it: 0 first. */
export const deadlineRank = (status: DeadlineStatus) => DEADLINES.indexOf(status);

/** Of a try that is at work there is no verdict yet. */
export const verdictLook = (verdict: string | null): Look =>
  verdict === null ? "running" : verdict === "success" ? "success" : "failed";

export const deadlineWord: Record<DeadlineStatus, string> = {
  withdrawn: "withdrawn",
  met: "met",
  on_track: "on track",
  at_risk: "at risk",
  late: "late",
  missed: "missed",
};
