import { expect, test } from "vitest";
import type { Estate } from "@/api/types";
import { inFocus } from "./focus";

const dag = (id: string, jobs: string[]) => ({
  id: `dag:${id}`,
  jobs: jobs.map(job => ({ id: `job:${id}/${job}` })),
});
const edge = (from: string, to: string) => ({ id: `${from}>${to}`, kind: "job", from, to });
const estate = {
  dags: [dag("a", ["x", "y"]), dag("b", ["z"])],
  edges: [
    edge("job:a/x", "job:a/y"),
    edge("job:a/y", "job:b/z"),
    edge("job:b/z", "asset:s"),
    edge("asset:s", "dag:a"),
  ],
  assets: [],
} as unknown as Estate;

test("upstream alone", () => {
  expect(inFocus({ ...estate, edges: estate.edges.slice(0, 2) }, "job:a/y", "up")).toEqual(
    new Set(["job:a/y", "job:a/x"]),
  );
});

test("downstream goes into other DAGs and through assets, and a circle ends", () => {
  expect(inFocus(estate, "job:b/z", "down")).toEqual(new Set(["job:b/z", "asset:s", "job:a/x", "job:a/y"]));
});

test("a DAG stands for all of its jobs", () => {
  expect(inFocus(estate, "dag:b", "up")).toEqual(
    new Set(["dag:b", "job:b/z", "job:a/y", "job:a/x", "asset:s"]),
  );
});
