import { expect, test } from "vitest";
import { fitted, zoomed } from "./view";

test("what is fitted stands in the middle, and all of it is seen", () => {
  const view = fitted({ x: 100, y: 0, width: 2000, height: 500 }, { width: 1000, height: 600 }, 20);
  expect(view.scale).toBeCloseTo(0.48);
  expect(view.x + 1100 * view.scale).toBeCloseTo(500);
  expect(view.y + 250 * view.scale).toBeCloseTo(300);
});

test("what is small is not blown up", () => {
  expect(fitted({ x: 0, y: 0, width: 10, height: 10 }, { width: 1000, height: 600 }, 20).scale).toBe(1.4);
});

test("the point below the pointer stands still while one zooms", () => {
  const before = { x: 10, y: 20, scale: 0.5 };
  const after = zoomed(before, 1.5, [300, 200]);
  const under = (view: typeof before) => [(300 - view.x) / view.scale, (200 - view.y) / view.scale];
  expect(under(after)[0]).toBeCloseTo(under(before)[0] ?? 0);
  expect(under(after)[1]).toBeCloseTo(under(before)[1] ?? 0);
});

test("nobody zooms out of sight", () => {
  expect(zoomed({ x: 0, y: 0, scale: 1 }, 1e9, [0, 0]).scale).toBe(4);
  expect(zoomed({ x: 0, y: 0, scale: 1 }, 1e-9, [0, 0]).scale).toBe(0.04);
});
