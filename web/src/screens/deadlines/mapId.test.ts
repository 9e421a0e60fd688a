import { expect, test } from "vitest";
import type { Estate } from "@/api/types";
import { mapId } from "./mapId";

const estate = {
  dags: [
    {
      dag_id: "churn",
      jobs: [{ id: "job:churn/train", job_id: "train", members: [{ display_name: "train_1" }] }],
    },
  ],
} as unknown as Estate;

test("a job's lane is found at its station", () => {
  expect(mapId(estate, "churn", "train_1")).toBe("job:churn/train");
  expect(mapId(estate, "churn", "train")).toBe("job:churn/train");
});

test("what has no station is found at its line", () => {
  expect(mapId(estate, "churn", null)).toBe("dag:churn");
  expect(mapId(undefined, "churn", "train_1")).toBe("dag:churn");
});
