import { describe, expect, test } from "vitest";
import { absoluteWords, relativeWords, shortWords, spanWords } from "./words";

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

describe("spanWords", () => {
  test("two units at most", () => {
    expect(spanWords(45 * S)).toBe("45s");
    expect(spanWords(90 * S)).toBe("1m 30s");
    expect(spanWords(H)).toBe("1h");
    expect(spanWords(2 * D + 4 * H + 59 * M)).toBe("2d 4h");
  });
  test("never 60 of a unit, and never less than nothing", () => {
    expect(spanWords(59.7 * S)).toBe("1m");
    expect(spanWords(-5)).toBe("0s");
  });
});

describe("relativeWords", () => {
  const now = Date.parse("2026-01-05T12:00:00Z");
  test("before and after", () => {
    expect(relativeWords(now - 3 * M, now)).toBe("3m ago");
    expect(relativeWords(now + 3 * H, now)).toBe("in 3h");
    expect(relativeWords(now - 26 * H, now)).toBe("1d 2h ago");
    expect(relativeWords(now + 5 * D, now)).toBe("in 5d");
    expect(relativeWords(now + S, now)).toBe("now");
  });
});

describe("in a zone", () => {
  const at = Date.parse("2026-01-04T23:30:00Z");
  test("the day is that of the zone", () => {
    expect(shortWords(at, Date.parse("2026-01-05T08:00:00Z"), "Europe/Istanbul")).toBe("02:30");
    expect(shortWords(at, Date.parse("2026-01-05T08:00:00Z"), "UTC")).toMatch(/^Sun.* 23:30$/);
  });
  test("an absolute time names its zone", () => {
    expect(absoluteWords(at, "Europe/Istanbul")).toMatch(/5 Jan 2026, 02:30:00 \(Europe\/Istanbul\)$/);
  });
});
