import { expect, test } from "vitest";
import type { Estate, MapDag } from "@/api/types";
import { closedBy, nextEdge } from "./closed";

const dag = (is_paused: boolean, blackout: MapDag["blackout"] = null) => ({ is_paused, blackout }) as MapDag;
const day = (n: number) => `2026-01-0${n}T00:00:00Z`;

test("a line is closed while its DAG is paused, or a blackout is on", () => {
  expect(closedBy(dag(false))).toBeNull();
  expect(closedBy(dag(true))).toBe("paused");
  expect(closedBy(dag(false, { from: day(1), to: day(2), is_on: true }))).toBe("blackout");
  expect(closedBy(dag(false, { from: day(1), to: day(2), is_on: false }))).toBeNull();
});

test("the next edge is the first beginning or end that is to come", () => {
  const dags = [
    dag(false, { from: day(1), to: day(6), is_on: true }),
    dag(false, { from: day(5), to: day(7), is_on: false }),
    dag(true),
  ];
  const at = (text: string) => nextEdge({ dags } as Estate, Date.parse(text));
  expect(at(day(2))).toBe(Date.parse(day(5)));
  expect(at(day(5))).toBe(Date.parse(day(6)));
  expect(at(day(8))).toBeUndefined();
});
