import { expect, test } from "vitest";
import type { ImportError } from "@/api/types";
import { filesOf } from "./faults";

const error = (import_error_id: number, filename: string, stack_trace: string): ImportError => ({
  import_error_id,
  filename,
  stack_trace,
  timestamp: "2026-01-05T00:00:00Z",
});

test("the mistakes of a file stand together, each with its place", () => {
  const files = filesOf([
    error(1, "dags/a.yaml", "dags/a.yaml:3:7: there is no key 'taks': did you mean 'tasks'?"),
    error(2, "dags/b.yaml", "dags/b.yaml:1:1: x"),
    error(3, "dags/a.yaml", "dags/a.yaml:9:1: y: z"),
  ]);
  expect(files.map(one => one.file)).toEqual(["dags/a.yaml", "dags/b.yaml"]);
  expect(files[0]?.faults).toEqual([
    { id: 1, line: 3, column: 7, message: "there is no key 'taks': did you mean 'tasks'?" },
    { id: 3, line: 9, column: 1, message: "y: z" },
  ]);
});

test("a file that is missing has no line", () => {
  const [file] = filesOf([error(1, "dags/a.yaml", "dags/a.yaml:0:0: is missing")]);
  expect(file?.faults).toEqual([{ id: 1, line: null, column: null, message: "is missing" }]);
  const [other] = filesOf([error(1, "dags/a.yaml", "cannot be read")]);
  expect(other?.faults[0]?.message).toBe("cannot be read");
});
