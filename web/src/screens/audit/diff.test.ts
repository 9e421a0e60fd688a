import { expect, test } from "vitest";
import { diffWords } from "./diff";

test("what stays is told apart from what came and went", () => {
  expect(diffWords("operator, all DAGs", "viewer, all DAGs, disabled")).toEqual([
    { text: "operator", is: "removed" },
    { text: "all DAGs", is: "kept" },
    { text: "viewer", is: "added" },
    { text: "disabled", is: "added" },
  ]);
});

test("a new record adds all, and one that goes removes all", () => {
  expect(diffWords("", "placed")).toEqual([{ text: "placed", is: "added" }]);
  expect(diffWords("placed", "")).toEqual([{ text: "placed", is: "removed" }]);
  expect(diffWords("", "")).toEqual([]);
});
