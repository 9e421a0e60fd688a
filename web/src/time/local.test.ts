import { expect, test } from "vitest";
import { dayOf, instantOf, localOf, momentOf } from "./local";

const iso = (local: string, zone: string) => new Date(momentOf(local, zone)).toISOString();

test("a time in a zone is a moment", () => {
  expect(iso("2026-01-05T02:00", "Europe/Istanbul")).toBe("2026-01-04T23:00:00.000Z");
  expect(iso("2026-01-05T02:00", "UTC")).toBe("2026-01-05T02:00:00.000Z");
  expect(momentOf("soon", "UTC")).toBeNaN();
});

test("clocks that change", () => {
  expect(iso("2026-03-29T01:30", "Europe/Berlin")).toBe("2026-03-29T00:30:00.000Z");
  expect(iso("2026-03-29T03:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
  expect(iso("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00.000Z"); // the first of two
});

test("and back", () => {
  for (const zone of ["Europe/Istanbul", "America/New_York", "Asia/Kathmandu", "UTC"])
    expect(localOf(momentOf("2026-07-01T13:45", zone), zone)).toBe("2026-07-01T13:45");
  expect(localOf(Number.NaN, "UTC")).toBe("");
  expect(dayOf(Date.parse("2026-01-04T23:30:00Z"), "Europe/Istanbul")).toBe("2026-01-05");
});

test("a day begins at midnight, and what is no time is none", () => {
  expect(instantOf("2026-01-05T02:00", "Europe/Istanbul")).toBe("2026-01-04T23:00:00Z");
  expect(instantOf("2026-01-05", "Europe/Istanbul")).toBe("2026-01-04T21:00:00Z");
  expect(instantOf("", "UTC")).toBeUndefined();
  expect(instantOf("soon", "UTC")).toBeUndefined();
});
