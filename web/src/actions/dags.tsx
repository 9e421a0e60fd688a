// What a person may do to a DAG and to its runs.

import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { change, part } from "@/api/client";
import { ForOperators } from "@/app/session";
import { Act } from "@/parts/Act";
import { Waiting } from "@/parts/Waiting";
import { type Changed, linesOf } from "./changed";

const TriggerForm = lazy(() => import("./TriggerForm"));

/** The form of the DAG's params is loaded when it is opened. */
export function TriggerDag({ dag }: { dag: string }) {
  const [isOpen, dialog] = useDisclosure();
  return (
    <ForOperators>
      <Button size="xs" variant="filled" onClick={dialog.open}>
        Trigger
      </Button>
      <Modal
        opened={isOpen}
        onClose={dialog.close}
        title={`Trigger ${dag}`}
        size="lg"
        lockScroll={false}
        centered
      >
        <Suspense fallback={<Waiting />}>
          <TriggerForm dag={dag} close={dialog.close} />
        </Suspense>
      </Modal>
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
          undo: () => () => change("PATCH", `/dags/${part(dag)}`, { is_paused: isPaused }),
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
