import { expect, test } from "vitest";
import type { Attempt, DagJob, ForecastRun } from "@/api/types";
import type { JobOfRun } from "@/state/jobs";
import { ganttOf } from "./gantt";

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const job = (name: string, start: number | null, end: number | null) =>
  ({
    key: name,
    name,
    job: name,
    lane: null,
    index: -1,
    dag: "d",
    run: "r",
    start: start === null ? null : at(start),
    end: end === null ? null : at(end),
  }) as JobOfRun;
const attempt = (name: string, n: number, start: number, end: number | null, verdict: string | null) =>
  ({
    job_id: name,
    lane_id: null,
    map_index: -1,
    try_number: n,
    started_at: at(start),
    ended_at: end === null ? null : at(end),
    verdict,
  }) as Attempt;
const dagJobs = [
  { display_name: "a", depends_on: [] as string[] },
  { display_name: "b", depends_on: [] as string[] },
  { display_name: "c", depends_on: ["a", "b"] },
] as DagJob[];

const asked = {
  jobs: [job("c", 9, null), job("a", 0, 5), job("b", 0, 9)],
  attempts: [
    attempt("a", 1, 0, 5, "success"),
    attempt("b", 1, 0, 2, "infrastructure"),
    attempt("b", 2, 3, 9, "success"),
    attempt("c", 1, 9, null, null),
  ],
  dagJobs,
  forecast: undefined,
  begun: 0,
  now: 12 * 60_000,
};
const named = (gantt: ReturnType<typeof ganttOf>) =>
  gantt.rows.filter(row => row.isCritical).map(row => row.job.name);

test("each try is a bar, what begins first stands first, from the run's beginning to now", () => {
  const gantt = ganttOf(asked);
  expect(gantt.rows.map(row => row.bars.length)).toEqual([1, 2, 1]);
  expect([gantt.from, gantt.to]).toEqual([0, 12 * 60_000]);
});

test("without a forecast the path is what has happened", () => {
  expect(named(ganttOf(asked))).toEqual(["b", "c"]);
});

test("with one it goes on with what is expected", () => {
  const line = {
    dag_id: "d",
    dag_run_id: "r",
    job_id: "c",
    lane: null,
    display_name: "c",
    start: at(9),
    end: at(30),
  };
  const forecast = {
    critical_path: [line],
    jobs: [{ ...line, end_p90: at(40), slack_seconds: 0 }],
  } as unknown as ForecastRun;
  const gantt = ganttOf({ ...asked, forecast });
  expect(named(gantt)).toEqual(["b", "c"]);
  expect(gantt.rows[2]?.expected).toEqual({ start: asked.now, end: 30 * 60_000 });
  expect(gantt.to).toBe(30 * 60_000);
});
