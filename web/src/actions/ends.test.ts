import { expect, test } from "vitest";
import type { Task, TaskState } from "@/api/types";
import { jobsOf } from "@/state/jobs";
import { begunOf, endOf, endsOf } from "./ends";

const task = (job: string, state: TaskState | null, more: Partial<Task> = {}) =>
  ({
    dag_id: "d",
    dag_run_id: "r",
    job_id: job,
    lane_id: null,
    map_index: -1,
    task_id: `${job}.start_cluster`,
    display_name: job,
    state,
    cluster_id: null,
    try_number: 1,
    ...more,
  }) as Task;
const changed = (...tasks: Task[]) => ({ task_instances: tasks });

test("a job that had ended can be marked as it was", () => {
  const [failed, running] = jobsOf([task("a", "failed"), task("b", "running")]);
  expect(failed && endOf(failed)).toEqual({
    task: "a.start_cluster",
    index: -1,
    name: "a",
    state: "failed",
    cluster: null,
  });
  expect(running && endOf(running)).toBeUndefined();
});

test("a clear can be undone if all that it cleared had ended, in this run", () => {
  const tasks = [task("a", "failed"), task("b", "success"), task("c", "upstream_failed")];
  const [a, b, c] = tasks as [Task, Task, Task];
  const jobs = jobsOf(tasks);
  expect(endsOf(jobs, changed(a, b))?.map(end => end.state)).toEqual(["failed", "success"]);
  expect(endsOf(jobs, changed(a, c))).toBeUndefined();
  expect(endsOf(jobs, changed(a, { ...b, dag_run_id: "other" }))).toBeUndefined();
  expect(endsOf(jobs, changed())).toBeUndefined();
});

test("nothing is undone once a job has begun again", () => {
  const failed = task("a", "failed", { cluster_id: "j-1" });
  const ends = endsOf(jobsOf([failed]), changed(failed)) ?? [];
  expect(begunOf(jobsOf([task("a", "queued", { cluster_id: "j-1" })]), ends)).toBeUndefined();
  expect(begunOf(jobsOf([task("a", "queued", { cluster_id: "j-2" })]), ends)?.name).toBe("a");
  expect(begunOf(jobsOf([task("a", "running")]), ends)?.name).toBe("a");
  expect(begunOf(jobsOf([task("b", "running")]), ends)).toBeUndefined();
});
