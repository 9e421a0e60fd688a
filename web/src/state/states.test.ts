import { expect, test } from "vitest";
import { shownTask, together, urgencyOf, worst } from "./states";

test("a job of several lanes is done only if all of them are", () => {
  expect(together(["success", "success"])).toBe("success");
  expect(together(["success", null])).toBe(null);
  expect(together([])).toBe(null);
});

test("of several states the one that needs somebody comes first", () => {
  expect(together(["running", "failed", "success"])).toBe("failed");
  expect(together(["running", "up_for_retry"])).toBe("up_for_retry");
  expect(together(["success", "running", "queued"])).toBe("running");
  expect(worst([])).toBe("none");
});

test("a state that the board does not know is shown as none", () => {
  expect(shownTask("of_tomorrow" as never).look).toBe("none");
});

test("a deadline that was missed is late", () => {
  expect(urgencyOf("missed")).toBe("late");
  expect(urgencyOf("met")).toBe("fine");
  expect(urgencyOf(undefined)).toBe("fine");
});
