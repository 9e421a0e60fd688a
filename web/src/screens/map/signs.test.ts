import { describe, expect, test } from "vitest";
import type { Point } from "@/api/types";
import { around, type Box, isWithin, meets, passes } from "./boxes";
import { type Ground, placeSigns, SIGN_HEIGHT, type Wish } from "./signs";

const bounds: Box = { x: 0, y: 0, width: 1000, height: 600 };
const ground = (tracks: Ground["tracks"] = [], blocks: Box[] = []): Ground => ({ bounds, tracks, blocks });
const wish = (line: string, y: number, more: Partial<Wish> = {}): Wish => ({
  line,
  width: 100,
  half: 6,
  rank: 0,
  ways: [
    [
      [200, y],
      [400, y],
    ],
  ],
  ...more,
});
const boxAt = (at: Point | undefined, width = 100) => around(at ?? [0, 0], width, SIGN_HEIGHT);

describe("a sign", () => {
  test("stands in the middle of its line if nothing is in the way", () => {
    expect(placeSigns([wish("a", 100)], ground()).get("a")).toEqual({
      at: [300, 100],
      isNamed: true,
      tie: undefined,
    });
  });

  test("of a line with one stop stands there", () => {
    expect(placeSigns([wish("a", 100, { ways: [[[300, 100]]] })], ground()).get("a")?.at).toEqual([300, 100]);
  });

  test("does not cover another line where it can stand elsewhere", () => {
    const other = { lines: ["b"], from: [300, 0] as Point, to: [300, 600] as Point };
    const place = placeSigns([wish("a", 100)], ground([other])).get("a");
    expect(place?.isNamed).toBe(true);
    expect(passes(other, boxAt(place?.at))).toBe(false);
  });

  test("may cover what leads to its line", () => {
    const link = { lines: ["b", "a"], from: [300, 0] as Point, to: [300, 600] as Point };
    expect(placeSigns([wish("a", 100)], ground([link])).get("a")?.at).toEqual([300, 100]);
  });

  test("does not cover stations where it can stand elsewhere", () => {
    const stations = [200, 300, 400].map(x => around([x, 100], 12, 12));
    const place = placeSigns([wish("a", 100)], ground([], stations)).get("a");
    for (const station of stations) expect(meets(station, boxAt(place?.at))).toBe(false);
  });

  test("stays on the map", () => {
    const first = wish("a", 5, { ways: [[[10, 300]]] });
    expect(isWithin(boxAt(placeSigns([first], ground()).get("a")?.at), bounds)).toBe(true);
  });
});

describe("many signs", () => {
  const crowd = Array.from({ length: 90 }, (_, i) => wish(`line-${i}`, 200 + i, { rank: i }));
  const places = placeSigns(crowd, ground());

  test("never overlap", () => {
    const named = [...places.values()].filter(place => place.isNamed).map(place => boxAt(place.at));
    expect(named.length).toBeGreaterThan(10);
    for (const [i, a] of named.entries()) for (const b of named.slice(i + 1)) expect(meets(a, b)).toBe(false);
  });

  test("are tied to their lines where they stand away from them", () => {
    const tied = [...places].flatMap(([id, { at, tie }]) => (tie ? [{ id, at, tie }] : []));
    expect(tied.length).toBeGreaterThan(0);
    for (const { id, tie } of tied) expect(tie[1]).toBe(200 + Number(id.slice("line-".length)));
  });

  test("give their names up where there is no room, the last ones first", () => {
    expect(places.size).toBeLessThanOrEqual(90);
    expect(places.get("line-0")?.isNamed).toBe(true);
    expect([...places.values()].some(place => !place.isNamed)).toBe(true);
  });
});

test("a stretch that only touches a box, or ends before it, does not pass it", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  expect(passes({ from: [-5, -5], to: [15, 15] }, box)).toBe(true);
  expect(passes({ from: [-5, 10], to: [15, 10] }, box)).toBe(false);
  expect(passes({ from: [-5, 5], to: [-1, 5] }, box)).toBe(false);
  expect(passes({ from: [5, -5], to: [5, 15] }, box)).toBe(true);
});
