import { expect, test } from "vitest";
import type { QueuedTask } from "@/api/operations";
import { holders, waiters } from "./slots";

const task = (job_id: string, more: Partial<QueuedTask>) =>
  ({
    task_id: job_id,
    state: "queued",
    dag_id: "churn",
    dag_run_id: "r",
    job_id,
    lane_id: null,
    map_index: -1,
    display_name: job_id,
    try_number: 1,
    start_date: null,
    end_date: null,
    cluster_id: null,
    pool: "daily",
    pool_slots: 1,
    priority_weight: 1,
    queued_when: "2026-01-05T00:00:00Z",
    ...more,
  }) as QueuedTask;

test("who waits: the heavier first, of equals the one that waits longer", () => {
  const tasks = [
    task("young", { queued_when: "2026-01-05T02:00:00Z" }),
    task("old", {}),
    task("heavy", { priority_weight: 9, queued_when: "2026-01-05T03:00:00Z" }),
    task("elsewhere", { pool: "models" }),
  ];
  expect(waiters(tasks, "daily").map(job => job.job)).toEqual(["heavy", "old", "young"]);
  expect(waiters(tasks, undefined)).toHaveLength(4);
});

test("who holds slots: the longest first, and none that takes none", () => {
  const tasks = [
    task("late", { start_date: "2026-01-05T02:00:00Z" }),
    task("early", { start_date: "2026-01-05T01:00:00Z" }),
    task("free", { pool_slots: 0 }),
  ];
  expect(holders(tasks, "daily").map(job => job.job)).toEqual(["early", "late"]);
});
