import { expect, test } from "vitest";
import { diffLines, hunksOf } from "./lines";

const sign = { same: " ", gone: "-", new: "+" };
const shown = (before: string, after: string) =>
  diffLines(before.split(""), after.split("")).map(line => sign[line.kind] + line.text);

test("a changed line is gone and new", () => {
  expect(shown("abc", "axc")).toEqual([" a", "-b", "+x", " c"]);
});

test("the same texts have no changes", () => {
  expect(shown("abc", "abc")).toEqual([" a", " b", " c"]);
  expect(diffLines([], [])).toEqual([]);
});

test("as few changes as there can be", () => {
  const lines = shown("abcabba", "cbabac");
  expect(lines.filter(line => !line.startsWith(" ")).length).toBe(5);
});

test("from any text to any other, both can be read out of it", () => {
  let seed = 7;
  const draw = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let round = 0; round < 300; round++) {
    const text = () => Array.from({ length: draw(12) }, () => "abcd"[draw(4)] ?? "");
    const before = text();
    const after = text();
    const lines = diffLines(before, after);
    expect(lines.filter(line => line.kind !== "new").map(line => line.text)).toEqual(before);
    expect(lines.filter(line => line.kind !== "gone").map(line => line.text)).toEqual(after);
    for (const line of lines) {
      if (line.before) expect(before[line.before - 1]).toBe(line.text);
      if (line.after) expect(after[line.after - 1]).toBe(line.text);
    }
  }
});

test("texts without a common line are replaced", () => {
  const before = Array.from({ length: 2000 }, (_, i) => `a${i}`);
  const after = Array.from({ length: 2000 }, (_, i) => `b${i}`);
  expect(diffLines(before, after)).toHaveLength(4000);
});

test("what is far from a change is hidden, and counted", () => {
  const before = Array.from({ length: 40 }, (_, i) => String(i));
  const after = before.with(10, "ten").with(30, "thirty");
  const hunks = hunksOf(diffLines(before, after));
  expect(hunks.map(hunk => [hunk.hidden, hunk.lines.length])).toEqual([
    [7, 8],
    [13, 8],
    [6, 0],
  ]);
  expect(hunksOf(diffLines(before, before))).toEqual([{ lines: [], hidden: 40 }]);
});
