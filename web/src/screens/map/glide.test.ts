import { expect, test } from "vitest";
import { glided } from "./glide";

const from = { x: 0, y: 0, scale: 0.2 };
const to = { x: -400, y: -300, scale: 0.8 };

test("a movement begins here, ends there, and is half as near in each half", () => {
  const begin = glided(from, to, 0, [500, 300]);
  expect([begin.x, begin.y, begin.scale]).toEqual([0, 0, 0.2]);
  expect(glided(from, to, 1, [500, 300])).toEqual(to);
  expect(glided(from, to, 0.5, [500, 300]).scale).toBeCloseTo(0.4);
});
