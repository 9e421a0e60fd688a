import { expect, test } from "vitest";
import { piecesOf } from "./find";

const shown = (line: string, wanted: string) =>
  piecesOf(line, wanted)
    .map(piece => (piece.isFound ? `[${piece.text}]` : piece.text))
    .join("");

test("each place is marked, in any case", () => {
  expect(shown("Lost core, lost all", "lost")).toBe("[Lost] core, [lost] all");
  expect(shown("aaa", "aa")).toBe("[aa]a");
});

test("nothing wanted, nothing found", () => {
  expect(shown("a line", "")).toBe("a line");
  expect(shown("a line", "x")).toBe("a line");
});

test("a line whose lower case is longer stays whole", () => {
  expect(shown("İ lost", "lost")).toBe("[İ lost]");
});
