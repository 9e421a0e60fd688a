import { expect, test } from "vitest";
import { linesOf } from "./changed";

test("the instances of a mapped job are told apart", () => {
  const task = (map_index: number) => ({ task_id: "train", map_index, dag_id: "churn", dag_run_id: "r" });
  expect(linesOf({ task_instances: [task(-1), task(0), task(12)] })).toEqual([
    "churn / train in r",
    "churn / train[0] in r",
    "churn / train[12] in r",
  ]);
});
