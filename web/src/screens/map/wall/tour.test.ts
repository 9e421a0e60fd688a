import { describe, expect, test } from "vitest";
import type { MapDag } from "@/api/types";
import type { Line } from "../picture";
import { boxOfLine, nextHalt, slicesOf, tourOf, troubleOf } from "./tour";

const line = (dag: string, state: string | null, urgency = "fine") =>
  ({ id: `dag:${dag}`, dag, state, urgency, plan: { ways: [[[100, 100]]] } }) as unknown as Line;

describe("the tour", () => {
  test("has the whole first, then what is late, failed, at risk", () => {
    const lines = [
      line("a", "success"),
      line("b", "running", "risk"),
      line("c", "failed"),
      line("d", null, "late"),
    ];
    expect(tourOf(lines)).toEqual(["whole", "dag:d", "dag:c", "dag:b"]);
  });

  test("goes round, and a line that is well again is left", () => {
    const tour = ["whole", "dag:a", "dag:b"];
    expect(["whole", "dag:a", "dag:b", "dag:gone"].map(halt => nextHalt(tour, halt))).toEqual([
      "dag:a",
      "dag:b",
      "whole",
      "whole",
    ]);
  });
});

test("a line with one station is shown with what is around it", () => {
  const box = boxOfLine(line("a", null));
  expect(box.width).toBeGreaterThan(400);
  expect([box.x + box.width / 2, box.y + box.height / 2]).toEqual([100, 100]);
});

test("the jobs that failed, or wait for their next try, are named", () => {
  const member = (display_name: string, state: string | null) => ({ display_name, state });
  const dag = { jobs: [{ members: [member("train_1", "failed"), member("train_2", "success")] }] };
  expect(troubleOf(dag as unknown as MapDag)).toEqual([{ job: "train_1", word: "failed" }]);
});

test("a wide screen shows the map whole, a narrow one in parts", () => {
  const box = { x: 10, y: 0, width: 1200, height: 600 };
  expect(slicesOf(box, { width: 1920, height: 1000 })).toEqual([box]);
  expect(slicesOf(box, { width: 400, height: 600 })).toEqual([
    { x: 10, y: 0, width: 400, height: 600 },
    { x: 410, y: 0, width: 400, height: 600 },
    { x: 810, y: 0, width: 400, height: 600 },
  ]);
  expect(slicesOf(box, { width: 100, height: 600 })).toHaveLength(4);
});
