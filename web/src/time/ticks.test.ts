import { expect, test } from "vitest";
import { momentTicks, spanTicks } from "./ticks";

const HOUR = 3_600_000;

test("moments at full hours of the zone", () => {
  const from = Date.parse("2026-01-05T00:20:00Z");
  const iso = (zone: string) =>
    momentTicks(from, from + 4 * HOUR, 4, zone).map(at => new Date(at).toISOString().slice(11, 16));
  expect(iso("UTC")).toEqual(["01:00", "02:00", "03:00", "04:00"]);
  expect(iso("Asia/Kathmandu")).toEqual(["01:15", "02:15", "03:15", "04:15"]);
});

test("days begin at the zone's midnight", () => {
  const from = Date.parse("2026-01-05T10:00:00Z");
  const [first] = momentTicks(from, from + 72 * HOUR, 4, "Europe/Istanbul");
  expect(new Date(first ?? 0).toISOString()).toBe("2026-01-05T21:00:00.000Z");
});

test("spans cover the longest", () => {
  expect(spanTicks(3.5 * HOUR, 4)).toEqual([0, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR]);
  expect(spanTicks(0, 4)).toEqual([0]);
});
