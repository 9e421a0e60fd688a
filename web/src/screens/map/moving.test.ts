import { expect, test } from "vitest";
import { isEnough, moveOf } from "./moving";
import { zoomed } from "./view";

const FRAME = { width: 1000, height: 600 };

test("a drawing that is moved shows each point where the view wants it", () => {
  const drawn = { x: 10, y: -20, scale: 0.5 };
  const wanted = zoomed({ ...drawn, x: 70 }, 1.7, [300, 200]);
  const move = moveOf(drawn, wanted);
  const point = [123, 456] as const;
  const before = [drawn.x + drawn.scale * point[0], drawn.y + drawn.scale * point[1]] as const;
  expect(move.x + move.by * before[0]).toBeCloseTo(wanted.x + wanted.scale * point[0]);
  expect(move.y + move.by * before[1]).toBeCloseTo(wanted.y + wanted.scale * point[1]);
});

test("a pan goes as far as the drawing reaches", () => {
  expect(isEnough({ by: 1, x: 499, y: -299 }, FRAME)).toBe(true);
  expect(isEnough({ by: 1, x: 501, y: 0 }, FRAME)).toBe(false);
  expect(isEnough({ by: 1, x: 0, y: -301 }, FRAME)).toBe(false);
});

test("a zoom goes on until what is there is blurred, or too small", () => {
  const middle = (by: number) => ({ by, x: 500 * (1 - by), y: 300 * (1 - by) });
  expect(isEnough(middle(3.9), FRAME)).toBe(true);
  expect(isEnough(middle(4.1), FRAME)).toBe(false);
  expect(isEnough(middle(0.35), FRAME)).toBe(true);
  expect(isEnough(middle(0.29), FRAME)).toBe(false);
  expect(isEnough({ by: 0.8, x: 900, y: 60 }, FRAME)).toBe(false);
});
