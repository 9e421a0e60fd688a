import { expect, test } from "vitest";
import { criticalPath } from "./critical";

const span = (name: string, start: number | null, end: number | null) => ({ name, start, end });
const upstream = new Map([
  ["c", ["a", "b"]],
  ["d", ["c"]],
]);

test("back from the last end through what ended last before it", () => {
  const spans = [span("a", 0, 5), span("b", 0, 9), span("c", 9, 12), span("d", 12, 20), span("x", 0, 15)];
  expect(criticalPath(spans, upstream)).toEqual(["b", "c", "d"]);
});

test("a job at work ends later than all that ended", () => {
  expect(criticalPath([span("a", 0, 5), span("b", 0, null), span("c", null, null)], upstream)).toEqual(["b"]);
});

test("nothing has begun", () => {
  expect(criticalPath([span("a", null, null)], upstream)).toEqual([]);
  expect(criticalPath([], new Map())).toEqual([]);
});
