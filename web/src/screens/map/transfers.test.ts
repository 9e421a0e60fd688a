import { expect, test } from "vitest";
import type { Estate, MapEdge } from "@/api/types";
import { transfersOf, windowWords } from "./transfers";

const edge = (from: string, to: string, more: Partial<MapEdge> = {}): MapEdge => ({
  id: `${from}>${to}`,
  kind: "cross_dag",
  from,
  to,
  window: "latest_due",
  ...more,
});
const estate = {
  dags: [],
  assets: [],
  edges: [
    edge("job:a/x", "job:b/y"),
    edge("job:b/y", "job:c/z", { window: "same_interval", offset: "1d" }),
    edge("job:b/y", "job:b/w", { kind: "job", window: undefined }),
    edge("job:b/y", "asset:scores", { kind: "produces", window: undefined }),
  ],
} as Estate;

test("what a job waits for in other DAGs, and what waits for it", () => {
  expect(transfersOf(estate, ["job:b/y"]).map(one => [one.name, one.isAfter])).toEqual([
    ["a / x", false],
    ["c / z", true],
    ["scores", true],
  ]);
});

test("a DAG has the transfers of its jobs, and none within itself", () => {
  expect(transfersOf(estate, ["dag:b", "job:b/y", "job:b/w", "job:c/z"]).map(one => one.to)).toEqual([
    "job:a/x",
    "asset:scores",
  ]);
});

test("windows are said in words", () => {
  expect(windowWords(edge("a", "b"))).toBe("the latest data interval that is due");
  expect(windowWords(edge("a", "b", { window: "same_interval", offset: "1d" }))).toBe(
    "the same data interval, 1d earlier",
  );
  expect(windowWords(edge("a", "b", { window: "within", within: "2h" }))).toContain("not older than 2h");
  expect(windowWords(edge("a", "b", { kind: "trigger", window: undefined }))).toBe("triggers a run");
});
