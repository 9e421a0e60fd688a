import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import type { JobOfRun } from "@/state/jobs";
import { barsOfJob, barsOfRuns, quantile } from "./durations";

const at = (hour: number) => new Date(Date.UTC(2026, 0, 5, hour)).toISOString();
const run = (id: string, start: number | null, end: number | null) =>
  ({
    dag_run_id: id,
    state: "success",
    logical_date: at(0),
    run_after: at(1),
    data_interval_end: at(1),
    start_date: start === null ? null : at(start),
    end_date: end === null ? null : at(end),
  }) as Run;
const H = 3_600_000;
const now = Date.parse(at(9));

test("how long, and how long after the end of the data", () => {
  const runs = [run("late", 5, 6), run("first", 1, 3)];
  expect(barsOfRuns(runs, "duration", now).map(bar => [bar.run, bar.ms / H])).toEqual([
    ["first", 2],
    ["late", 1],
  ]);
  expect(barsOfRuns(runs, "landing", now).map(bar => bar.ms / H)).toEqual([2, 5]);
});

test("what is at work counts until now, what has not begun not at all", () => {
  const [bar, ...rest] = barsOfRuns([run("open", 7, null), run("queued", null, null)], "duration", now);
  expect(bar).toMatchObject({ ms: 2 * H, isOpen: true });
  expect(rest).toEqual([]);
});

test("a job stands at its run", () => {
  const job = { run: "first", state: "failed", start: at(2), end: at(3) } as JobOfRun;
  const bars = barsOfJob([job], [run("late", 5, 6), run("first", 1, 3)], "landing", now);
  expect(bars).toMatchObject([{ run: "first", ms: 2 * H, look: "failed" }]);
});

test("quantiles", () => {
  expect(quantile([5, 1, 3], 0.5)).toBe(3);
  expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(9);
  expect(quantile([4], 0.9)).toBe(4);
  expect(quantile([], 0.5)).toBe(undefined);
});
