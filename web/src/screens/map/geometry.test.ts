import { describe, expect, test } from "vitest";
import type { Point } from "@/api/types";
import { along, aside, roundedPath, trackOffsets } from "./geometry";

const bend: Point[] = [
  [0, 0],
  [4, 0],
  [6, 2],
];

const distanceToLine = (p: Point, a: Point, b: Point) =>
  Math.abs((b[0] - a[0]) * (a[1] - p[1]) - (a[0] - p[0]) * (b[1] - a[1])) /
  Math.hypot(b[0] - a[0], b[1] - a[1]);

describe("aside", () => {
  test("keeps its distance on both sides of a bend", () => {
    for (const distance of [0.25, -0.4]) {
      const moved = aside(bend, distance);
      expect(moved).toHaveLength(3);
      const [a, b, c] = moved as [Point, Point, Point];
      for (const p of [a, b]) expect(distanceToLine(p, [0, 0], [4, 0])).toBeCloseTo(Math.abs(distance));
      for (const p of [b, c]) expect(distanceToLine(p, [4, 0], [6, 2])).toBeCloseTo(Math.abs(distance));
    }
  });
  test("is on the right of the direction if positive", () => {
    expect(
      aside(
        [
          [0, 0],
          [1, 0],
        ],
        1,
      ),
    ).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });
  test("does not break where a line stands still or turns back", () => {
    expect(
      aside(
        [
          [1, 1],
          [1, 1],
        ],
        1,
      ),
    ).toEqual([[1, 1]]);
    for (const p of aside(
      [
        [0, 0],
        [2, 0],
        [0, 0],
      ],
      0.5,
    ))
      expect(p.every(Number.isFinite)).toBe(true);
  });
});

describe("trackOffsets", () => {
  test("stand around the middle", () => {
    expect(trackOffsets(1, 0.25)).toEqual([0]);
    expect(trackOffsets(4, 0.2).reduce((a, b) => a + b)).toBeCloseTo(0);
    expect(trackOffsets(3, 0.2)).toEqual([-0.2, 0, 0.2]);
  });
});

describe("roundedPath", () => {
  test("begins and ends where the line does, and curves at its bend", () => {
    expect(roundedPath(bend, 0.5)).toBe("M0 0L3.5 0Q4 0 4.354 0.354L6 2");
  });
  test("of nothing is nothing", () => {
    expect(roundedPath([], 1)).toBe("");
  });
});

describe("along", () => {
  test("goes by length, not by points", () => {
    const whole = 4 + Math.hypot(2, 2);
    expect(along(bend, 0).at).toEqual([0, 0]);
    expect(along(bend, 2 / whole).at[0]).toBeCloseTo(2);
    expect(along(bend, 1).at[0]).toBeCloseTo(6);
    expect(along(bend, 0.9).angle).toBeCloseTo(45);
  });
  test("stays on the line", () => {
    expect(along(bend, 7).at[1]).toBeCloseTo(2);
    expect(along(bend, -1).at).toEqual([0, 0]);
  });
});
