import { expect, test } from "vitest";
import type { Estate, ForecastJob } from "@/api/types";
import { litTracks, pathOf } from "./path";
import type { Plan } from "./plan";

const job = (dag_id: string, job_id: string, lane: string | null = null) =>
  ({ dag_id, job_id, lane }) as ForecastJob;
const estate = {
  dags: [
    { id: "dag:a", jobs: [{ id: "job:a/x" }, { id: "job:a/y" }] },
    { id: "dag:b", jobs: [{ id: "job:b/z" }] },
  ],
} as unknown as Estate;
const plan = {
  tracks: [
    ["job:a/x", "job:a/y"],
    ["job:a/x", "job:b/z"],
    ["job:a/y", "dag:b"],
  ].map(ends => ({ id: ends.join(">"), ends })),
} as unknown as Plan;

test("lanes of one job are one station of the path", () => {
  expect(pathOf([job("a", "x", "1"), job("a", "x", "2"), job("a", "y")])).toEqual(["job:a/x", "job:a/y"]);
});

test("the tracks from each station to the next are lit, and no others", () => {
  expect(litTracks(["job:a/x", "job:a/y"], estate, plan)).toEqual(new Set(["job:a/x>job:a/y"]));
});

test("a track that leads to a whole DAG leads to its stations", () => {
  expect(litTracks(["job:a/y", "job:b/z"], estate, plan)).toEqual(new Set(["job:a/y>dag:b"]));
});
