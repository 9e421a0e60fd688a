import { expect, test } from "vitest";
import type { Deadline, DeadlineStatus } from "@/api/types";
import { byUrgency, slackOf, verdictOf } from "./verdict";

const of = (status: DeadlineStatus, more: Partial<Deadline> = {}) =>
  ({ status, due: "2026-01-09T00:00:00Z", finish_p90: null, ...more }) as Deadline;

test("the worst comes first in the sentence", () => {
  expect(verdictOf([])).toBe("No deadline is open.");
  expect(verdictOf([of("on_track"), of("met")])).toBe("The one open deadline will be met.");
  expect(verdictOf([of("on_track"), of("on_track")])).toBe("All 2 open deadlines will be met.");
  expect(verdictOf([of("at_risk"), of("on_track")])).toBe("1 of 2 deadlines at risk, the others in time.");
  expect(verdictOf([of("late"), of("missed"), of("at_risk")])).toBe(
    "2 of 3 deadlines will be missed, 1 more at risk.",
  );
});

test("slack is negative if the finish comes after the deadline", () => {
  expect(slackOf(of("on_track"))).toBe(null);
  expect(slackOf(of("late", { finish_p90: "2026-01-09T01:00:00Z" }))).toBe(-3_600_000);
});

test("what is late stands before what is at risk, and the earlier before the later", () => {
  const list = [of("on_track"), of("at_risk"), of("late", { due: "2026-01-08T00:00:00Z" }), of("late")];
  expect([...list].sort(byUrgency).map(one => one.status)).toEqual(["late", "late", "at_risk", "on_track"]);
});
