import { expect, test } from "vitest";
import { detailOf, LARGEST, SMALLEST, scaleOf, stepOf } from "./levels";

test("the nearer, the more is shown", () => {
  expect([0.1, 0.4, 1, 2].map(detailOf)).toEqual(["far", "mid", "near", "close"]);
});

test("a scale lies in its step, and the beginning of a step belongs to it", () => {
  for (let scale = SMALLEST; scale < LARGEST; scale *= 1.07) {
    const step = stepOf(scale);
    expect(scaleOf(step)).toBeLessThanOrEqual(scale * (1 + 1e-9));
    expect(scaleOf(step + 1)).toBeGreaterThan(scale);
    expect(stepOf(scaleOf(step))).toBe(step);
  }
});
