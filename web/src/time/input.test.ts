import { expect, test } from "vitest";
import { momentOf, typedOf } from "./input";

test("a time is that of the zone", () => {
  expect(momentOf("2026-01-05T02:00", "UTC")).toBe("2026-01-05T02:00:00Z");
  expect(momentOf("2026-01-05T02:00", "Europe/Istanbul")).toBe("2026-01-04T23:00:00Z");
});

test("before and after the clocks change", () => {
  expect(momentOf("2026-03-29T01:30", "Europe/Berlin")).toBe("2026-03-29T00:30:00Z");
  expect(momentOf("2026-03-29T03:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00Z");
});

test("a day begins at midnight, and what is no time is none", () => {
  expect(momentOf("2026-01-05", "Europe/Istanbul")).toBe("2026-01-04T21:00:00Z");
  expect(momentOf("", "UTC")).toBeUndefined();
  expect(momentOf("soon", "UTC")).toBeUndefined();
});

test("a moment is shown as it was typed", () => {
  for (const zone of ["UTC", "Europe/Istanbul", "America/New_York"])
    expect(typedOf(momentOf("2026-01-05T02:00", zone), zone)).toBe("2026-01-05T02:00");
  expect(typedOf(undefined, "UTC")).toBe("");
});
