import { expect, test } from "vitest";
import type { CallHistory } from "@/api/operationTypes";
import { axisOf, barsOf, comparison, comparisonWords, linesOf } from "./calls";

const history: CallHistory = {
  now: "2026-01-05T01:00:00Z",
  since: "2026-01-05T00:00:00Z",
  interval_seconds: 60,
  buckets: [
    {
      start: "2026-01-05T00:00:00Z",
      cluster_minutes: 20,
      calls: [
        { action: "ListClusters", source: "sweep", made: 2, throttled: 0 },
        { action: "ListSteps", source: "look", made: 1, throttled: 1 },
      ],
    },
    {
      start: "2026-01-05T00:01:00Z",
      cluster_minutes: 10.4,
      calls: [
        { action: "ListClusters", source: "sweep", made: 2, throttled: 0 },
        { action: "RunJobFlow", source: "launch", made: 7, throttled: 0 },
      ],
    },
  ],
};

test("a bar has a part for each source", () => {
  expect(barsOf(history, undefined).map(bar => bar.made)).toEqual([
    [2, 1, 0, 0, 0],
    [2, 0, 0, 7, 0],
  ]);
  expect(barsOf(history, "ListSteps").map(bar => [bar.made[1], bar.throttled])).toEqual([
    [1, 1],
    [0, 0],
  ]);
});

test("the table has each action and source once", () => {
  expect(linesOf(history).map(line => [line.action, line.made])).toEqual([
    ["RunJobFlow", 7],
    ["ListClusters", 4],
    ["ListSteps", 1],
  ]);
});

test("launches are no reads: a sensor would make them, too", () => {
  expect(comparison(history)).toEqual({ reads: 5, sensors: 30 });
  expect(comparisonWords({ reads: 5, sensors: 30 })).toContain("6.0 times as many");
  expect(comparisonWords({ reads: 50, sensors: 30 })).toContain("fewer");
  expect(comparisonWords({ reads: 5, sensors: null })).toBe("");
  expect(comparisonWords({ reads: 5, sensors: 0 })).toContain("No cluster was up");
});

test("the axis has round whole numbers and ends above the highest bar", () => {
  expect(axisOf(0)).toEqual([0, 1]);
  expect(axisOf(3)).toEqual([0, 1, 2, 3]);
  expect(axisOf(33)).toEqual([0, 10, 20, 30, 40]);
  expect(axisOf(900)).toEqual([0, 500, 1000]);
});
