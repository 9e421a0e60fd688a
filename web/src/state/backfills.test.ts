import { expect, test } from "vitest";
import type { BackfillTick } from "@/api/operationTypes";
import { planWords, sharesOf } from "./backfills";

const tick = (hour: number, outcome: string) =>
  ({ logical_date: `2026-01-05T0${hour}:00:00Z`, outcome }) as BackfillTick;

test("a plan says what would be made, and of the rest how many and why", () => {
  const { lines, notes } = planWords(
    {
      backfills: [tick(1, "created")],
      left_out: [tick(2, "already exists"), tick(3, "already exists")],
      clipped: null,
    },
    "UTC",
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/5 Jan 2026, 01:00:00 \(UTC\): a new run$/);
  expect(notes).toEqual(["2 ticks are left out: a run is there, and it is left alone."]);
});

test("a plan that makes nothing still says why", () => {
  const plan = { backfills: [], left_out: [tick(1, "in flight")], clipped: "The range ends later." };
  expect(planWords(plan, "UTC")).toEqual({
    lines: [],
    notes: ["1 tick is left out: a run is there that has not ended.", "The range ends later."],
  });
});

test("what is decided comes before what waits", () => {
  const shares = sharesOf({ ticks: { pending: 5, created: 2, "of tomorrow": 1, cancelled: 0 } });
  expect(shares.map(share => share.outcome)).toEqual(["created", "of tomorrow", "pending"]);
});
