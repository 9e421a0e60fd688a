import { expect, test } from "vitest";
import { rowsOf } from "./rows";

const job = (job_id: string, lane_id: string | null = null) => ({
  job_id,
  lane_id,
  display_name: "",
  task_ids: [],
  is_mapped: false,
});

test("lanes are bands, with their jobs in order", () => {
  expect(rowsOf([job("a", "1"), job("b", "1"), job("a", "2"), job("end")]).map(row => row.name)).toEqual([
    "lane 1",
    "a",
    "b",
    "lane 2",
    "a",
    "of all lanes",
    "end",
  ]);
});

test("without lanes there are no bands", () => {
  expect(rowsOf([job("a"), job("b")]).map(row => row.key)).toEqual(["a", "b"]);
});
