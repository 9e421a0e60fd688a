import { expect, test } from "vitest";
import type { Task } from "@/api/types";
import { folded, jobsOf } from "./jobs";

const task = (task_id: string, state: string | null, more: Partial<Task> = {}) =>
  ({
    task_id,
    state,
    dag_id: "churn",
    dag_run_id: "r",
    job_id: "train",
    lane_id: "1",
    map_index: -1,
    display_name: "train_1",
    try_number: 1,
    start_date: null,
    end_date: null,
    cluster_id: null,
    ...more,
  }) as Task;

test("two tasks are one job, which is where its first open task is", () => {
  const [job, ...rest] = jobsOf([
    task("train_1.start_cluster", "success", { start_date: "2026-01-05T00:00:00Z" }),
    task("train_1.wait_cluster_termination", "running", { cluster_id: "j-1", try_number: 2 }),
  ]);
  expect(rest).toEqual([]);
  expect(job).toMatchObject({
    key: "train[1]",
    state: "running",
    try: 2,
    cluster: "j-1",
    start: "2026-01-05T00:00:00Z",
  });
  expect(job?.now.task_id).toBe("train_1.wait_cluster_termination");
});

test("a job whose first task is done and whose next one has not begun is at work", () => {
  const [job] = jobsOf([task("a.start_cluster", "success"), task("a.wait_cluster_termination", null)]);
  expect(job?.state).toBe("running");
});

test("a note on either task is the job's", () => {
  const [job] = jobsOf([
    task("a.start", "success", { note: "seen" }),
    task("a.wait", "success", { note: null }),
  ]);
  expect(job?.note).toBe("seen");
});

test("lanes and mapped instances are jobs of their own", () => {
  const keys = jobsOf([
    task("a", null),
    task("b", null, { lane_id: "2" }),
    task("c", null, { lane_id: null, map_index: 3 }),
  ]);
  expect(keys.map(job => job.key)).toEqual(["train[1]", "train[2]", "train#3"]);
});

test("of the instances of a mapped job the one that failed is seen, whichever it is", () => {
  const states = ["success", "failed", "success"];
  const jobs = jobsOf(states.map((state, i) => task("a", state, { map_index: i })));
  const fold = folded(jobs).get("train[1]");
  expect(fold).toMatchObject({ words: "2 success, 1 failed", of: 3 });
  expect(fold?.job.index).toBe(1);
});

test("a mapped job is done only if all of its instances are", () => {
  const jobs = jobsOf(["success", null].map((state, i) => task("a", state, { map_index: i })));
  expect(folded(jobs).get("train[1]")?.job).toMatchObject({ state: null, index: 1 });
});

test("what is not mapped is folded to itself", () => {
  expect([...folded(jobsOf([task("a", "failed")]))].map(([key, fold]) => [key, fold.words])).toEqual([
    ["train[1]", "failed"],
  ]);
});
