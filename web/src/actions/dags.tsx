// What a person may do to a DAG and to its runs.

import { change, part } from "@/api/client";
import { ForOperators } from "@/app/session";
import { Act } from "@/parts/Act";
import { type Changed, linesOf } from "./changed";

export function TriggerDag({ dag }: { dag: string }) {
  return (
    <ForOperators>
      <Act
        variant="filled"
        change={{
          label: "Trigger",
          title: `Trigger ${dag}`,
          what: "A run begins at once, beside the schedule.",
          text: { label: "Values for its params, as JSON", initial: "{}" },
          run: text =>
            change("POST", `/dags/${part(dag)}/dagRuns`, {
              logical_date: null,
              conf: JSON.parse(text || "{}"),
            }),
          done: `A run of ${dag} has begun.`,
        }}
      />
    </ForOperators>
  );
}

export function PauseDag({ dag, isPaused }: { dag: string; isPaused: boolean }) {
  return (
    <ForOperators>
      <Act
        change={{
          label: isPaused ? "Resume" : "Pause",
          title: `${isPaused ? "Resume" : "Pause"} ${dag}`,
          what: isPaused
            ? "The schedule fires again from now on."
            : "The schedule fires no more, and jobs that have not begun wait. Clusters that are up go on.",
          run: () => change("PATCH", `/dags/${part(dag)}`, { is_paused: !isPaused }),
          done: `${dag} is ${isPaused ? "active again" : "paused"}.`,
        }}
      />
    </ForOperators>
  );
}

export function ClearRun({ dag, run }: { dag: string; run: string }) {
  const path = `/dags/${part(dag)}/dagRuns/${part(run)}/clear`;
  return (
    <ForOperators>
      <Act
        change={{
          label: "Clear failed jobs",
          title: `Clear the failed jobs of ${run}`,
          what: "They run again, and what waits for them after that.",
          preview: async () =>
            linesOf(await change<Changed>("POST", path, { dry_run: true, only_failed: true })),
          previewKey: ["clear-run", dag, run],
          run: () => change("POST", path, { dry_run: false, only_failed: true }),
          done: "The failed jobs are cleared.",
        }}
      />
    </ForOperators>
  );
}
