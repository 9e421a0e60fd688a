import { expect, test } from "vitest";
import type { JobOfRun } from "@/state/jobs";
import { laneTableOf } from "./lanes";

const job = (name: string, lane: string | null, index = -1, state = "success") =>
  ({ job: name, lane, index, state }) as JobOfRun;

test("a column for each lane, a row for each job", () => {
  const table = laneTableOf([
    job("a", "1"),
    job("b", "1"),
    job("a", "2"),
    job("end", null),
    job("a", "2", 0, "failed"),
  ]);
  expect(table.lanes).toEqual(["1", "2"]);
  expect(table.rows.map(row => row.job)).toEqual(["a", "b", "end"]);
  expect(table.rows[0]?.byLane.get("2")?.index).toBe(0);
  expect(table.rows[1]?.byLane.has("2")).toBe(false);
  expect(table.rows[2]?.ofAll?.job).toBe("end");
});

test("a DAG without lanes has no columns", () => {
  expect(laneTableOf([job("a", null)]).lanes).toEqual([]);
});
