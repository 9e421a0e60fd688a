import { expect, test } from "vitest";
import type { Estate } from "@/api/types";
import { everything, find, screensAmong } from "./find";

const member = { display_name: "train_1", cluster: { cluster_id: "j-AB12", state: "RUNNING" } };
const estate = {
  dags: [
    {
      id: "dag:churn",
      dag_id: "churn",
      tags: ["weekly"],
      jobs: [{ id: "job:churn/train", job_id: "train", members: [member] }],
    },
    { id: "dag:training", dag_id: "training", tags: [], jobs: [] },
  ],
} as unknown as Estate;
const all = everything(estate);
const names = (text: string) => find(all, text).map(found => found.name);

test("the DAG before the job, the beginning of a name before its middle", () => {
  expect(names("train")).toEqual(["train", "training", "j-AB12"]);
  expect(names("CHURN")[0]).toBe("churn");
});

test("several words narrow it, in any order", () => {
  expect(names("train churn")).toEqual(["train", "j-AB12"]);
  expect(names("j-ab")).toEqual(["j-AB12"]);
  expect(names("nothing")).toEqual([]);
});

test("no word: the DAGs", () => {
  expect(names("")).toEqual(["churn", "training"]);
});

test("screens by their name and by what they show", () => {
  const found = find([...all, ...screensAmong([{ to: "/budget", name: "Budget", about: "calls" }])], "calls");
  expect(found.map(one => one.to)).toEqual(["/budget"]);
});
