import { expect, test } from "vitest";
import type { HistoryRow } from "@/api/types";
import { phasesOf } from "./phases";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 0, minute)).toISOString();
const row = (minute: number, to: string, kind = "cluster") => ({ at: at(minute), to, kind }) as HistoryRow;
const from = Date.parse(at(0));

test("each state lasts until the next one", () => {
  const phases = phasesOf(
    [row(2, "STARTING"), row(4, "RUNNING"), row(5, "x", "step"), row(9, "TERMINATED")],
    from,
    Date.parse(at(9)),
  );
  expect(phases.map(phase => [phase.state, (phase.to - phase.from) / 60_000])).toEqual([
    ["STARTING", 4],
    ["RUNNING", 5],
  ]);
});

test("the last state of a cluster that is up lasts until now", () => {
  expect(phasesOf([row(3, "RUNNING")], from, Date.parse(at(10))).at(-1)).toEqual({
    state: "RUNNING",
    from: Date.parse(at(3)),
    to: Date.parse(at(10)),
  });
});
