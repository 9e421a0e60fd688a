import { expect, test } from "vitest";
import { ownPath } from "./next";

const ORIGIN = "https://signalbox.example";

test("a path of ours is kept, with what follows it", () => {
  expect(ownPath("/dags/churn?runs=failed#x", ORIGIN)).toBe("/dags/churn?runs=failed#x");
  expect(ownPath(undefined, ORIGIN)).toBe("/");
});

test.each([
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "\\\\evil.example",
  "/.//evil.example",
  "https://signalbox.example.evil.example/",
  "javascript:alert(1)",
  "http://[",
])("%j leads nowhere else", next => {
  expect(ownPath(next, ORIGIN)).toBe("/");
});
