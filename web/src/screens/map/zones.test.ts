import { expect, test } from "vitest";
import type { Point } from "@/api/types";
import type { Plan } from "./plan";
import { zonesOf } from "./zones";

const line = (id: string, ...points: Point[]) => ({ id, label: id, color: 0, ways: [points], half: 7 });
const plan = {
  lines: [
    line("dag:a", [0, 0], [100, 0]),
    line("dag:b", [0, 50], [100, 50]),
    line("dag:c", [0, 100]),
    line("dag:far", [5000, 0]),
    line("dag:farther", [5100, 0]),
    line("dag:alone", [0, 150]),
    line("dag:none", [0, 200]),
  ],
} as Plan;
const dag = (id: string, ...tags: string[]) => ({ id: `dag:${id}`, tags });
const zones = zonesOf(
  [
    dag("a", "models", "weekly"),
    dag("b", "models"),
    dag("c", "models"),
    dag("far", "models"),
    dag("farther", "models"),
    dag("alone", "tables"),
    dag("none"),
  ],
  plan,
);

test("DAGs near each other with the same first tag are a zone; those far away another one", () => {
  expect(zones.map(zone => zone.lines)).toEqual([
    ["dag:a", "dag:b", "dag:c"],
    ["dag:far", "dag:farther"],
  ]);
  expect(zones.map(zone => zone.tag)).toEqual(["models", "models"]);
  expect(new Set(zones.map(zone => zone.color)).size).toBe(1);
  expect(new Set(zones.map(zone => zone.id)).size).toBe(2);
});

test("a zone is in one piece, and its name stands in its midst", () => {
  const [first] = zones;
  expect(first?.ways).toHaveLength(3 + 2);
  expect(first?.at).toEqual([50, 50]);
});
