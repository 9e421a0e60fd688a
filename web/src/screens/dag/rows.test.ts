import { expect, test } from "vitest";
import type { Fold, JobOfRun } from "@/state/jobs";
import { foldOfRow, rowsOf } from "./rows";

const job = (job_id: string, lane_id: string | null = null, group: string | null = null) => ({
  job_id,
  lane_id,
  group,
});
const NONE = new Set<string>();

test("lanes are bands, with their jobs in order", () => {
  const rows = rowsOf([job("a", "1"), job("b", "1"), job("a", "2"), job("end")], NONE);
  expect(rows.map(row => row.name)).toEqual(["lane 1", "a", "b", "lane 2", "a", "of all lanes", "end"]);
});

test("without lanes there are no bands", () => {
  expect(rowsOf([job("a"), job("b")], NONE).map(row => row.key)).toEqual(["a", "b"]);
});

test("a group is one row until it is opened", () => {
  const jobs = [job("a"), job("b", null, "load"), job("c"), job("d", null, "load.day")];
  const shown = (open: string[]) =>
    rowsOf(jobs, new Set(open)).map(
      row => `${" ".repeat(row.depth)}${row.name}${row.kind === "group" ? "/" : ""}`,
    );
  expect(shown([])).toEqual(["a", "load/", "c"]);
  expect(shown(["load"])).toEqual(["a", "load/", " b", " day/", "c"]);
  expect(shown(["load", "load.day"])).toEqual(["a", "load/", " b", " day/", "  d", "c"]);
  expect(rowsOf(jobs, NONE)[1]?.jobs).toEqual(["b", "d"]);
});

test("a group's row shows the job that needs somebody most", () => {
  const fold = (name: string, state: string) =>
    [name, { job: { job: name, state } as JobOfRun, words: state, of: 1 }] as [string, Fold];
  const [row] = rowsOf([job("a", null, "g"), job("b", null, "g")], NONE);
  if (!row) throw new Error("there is a row");
  expect(foldOfRow(row, new Map([fold("a", "success"), fold("b", "failed")]))).toMatchObject({
    job: { job: "b" },
    words: "1 success, 1 failed",
    of: 2,
  });
  expect(foldOfRow(row, new Map())).toBe(undefined);
});
