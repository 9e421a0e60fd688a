import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { monthsOf, weeksOf } from "./calendar";

const run = (logical_date: string, state = "success") =>
  ({ logical_date, run_after: logical_date, state }) as Run;
const today = "2026-01-07"; // a Wednesday

test("weeks begin with Monday, and reach back a quarter at least", () => {
  const weeks = weeksOf([], [], today, "UTC");
  expect(weeks).toHaveLength(13);
  expect(weeks.at(-1)?.map(day => day.day)).toEqual([
    "2026-01-05",
    "2026-01-06",
    "2026-01-07",
    "2026-01-08",
    "2026-01-09",
    "2026-01-10",
    "2026-01-11",
  ]);
  expect(weeks.every(week => week.length === 7)).toBe(true);
});

test("a day has its runs in the zone that is shown, and looks as the worst of them", () => {
  const runs = [run("2026-01-05T22:00:00Z"), run("2026-01-06T05:00:00Z", "failed")];
  const day = (zone: string, name: string) =>
    weeksOf(runs, [], today, zone)
      .flat()
      .find(one => one.day === name);
  expect(day("UTC", "2026-01-06")?.runs).toHaveLength(1);
  expect(day("Europe/Istanbul", "2026-01-06")).toMatchObject({ look: "failed" });
  expect(day("Europe/Istanbul", "2026-01-06")?.runs).toHaveLength(2);
});

test("what is to come is counted, in later weeks too", () => {
  const weeks = weeksOf([], [Date.parse("2026-01-14T02:00:00Z")], today, "UTC");
  expect(weeks.at(-1)?.map(day => day.coming)).toEqual([0, 0, 1, 0, 0, 0, 0]);
});

test("never more than a year", () => {
  expect(weeksOf([run("2021-01-05T22:00:00Z")], [], today, "UTC")).toHaveLength(53);
});

test("each month is named where it begins", () => {
  expect(monthsOf(weeksOf([], [], today, "UTC")).map(month => month.name)).toEqual([
    "Oct",
    "Nov",
    "Dec",
    "Jan",
  ]);
});
