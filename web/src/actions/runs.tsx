// What a person may do to a run as a whole.

import { useQueryClient } from "@tanstack/react-query";
import { change, part } from "@/api/client";
import { tasksOf } from "@/api/queries";
import type { Run } from "@/api/types";
import { ForOperators } from "@/app/session";
import { Act } from "@/parts/Act";
import { jobsOf } from "@/state/jobs";
import { type Look, shownTask } from "@/state/states";

const ENDED: Look[] = ["success", "failed", "skipped", "upstream"];

const pathOf = (run: Run) => `/dags/${part(run.dag_id)}/dagRuns/${part(run.dag_run_id)}`;

/** The jobs that have not ended, a line each. */
function useOpenJobs(run: Run): () => Promise<string[]> {
  const queries = useQueryClient();
  return async () => {
    const tasks = await queries.fetchQuery({ ...tasksOf(run.dag_id, run.dag_run_id), staleTime: 0 });
    return jobsOf(tasks)
      .filter(job => !ENDED.includes(shownTask(job.state).look))
      .map(job => `${job.name}: ${shownTask(job.state).word}${job.cluster ? `, on ${job.cluster}` : ""}`);
  };
}

export function AbortRun({ run }: { run: Run }) {
  const openJobs = useOpenJobs(run);
  return (
    <ForOperators>
      <Act
        change={{
          label: "Abort",
          title: "Abort the run",
          what: "Its jobs that have not ended fail, and no retry follows. Their clusters are terminated.",
          isDangerous: true,
          preview: openJobs,
          previewKey: ["abort", run.dag_id, run.dag_run_id],
          run: () => change("PATCH", pathOf(run), { state: "failed" }),
          done: "The run is aborted.",
        }}
      />
    </ForOperators>
  );
}

export function MarkRunSuccess({ run }: { run: Run }) {
  const openJobs = useOpenJobs(run);
  return (
    <ForOperators>
      <Act
        change={{
          label: "Mark success",
          title: "Mark the run as success",
          what: "Its jobs that have not ended get the state success without running. Their clusters are terminated.",
          preview: openJobs,
          previewKey: ["mark-run", run.dag_id, run.dag_run_id],
          run: () => change("PATCH", pathOf(run), { state: "success" }),
          done: "The run is marked success.",
        }}
      />
    </ForOperators>
  );
}

export function NoteRun({ run }: { run: Run }) {
  return (
    <ForOperators>
      <Act
        change={{
          label: run.note ? "Change the note" : "Note",
          title: "Note on the run",
          what: "Everybody who sees the run reads it.",
          text: { label: "Note", initial: run.note ?? "" },
          run: note => change("PATCH", pathOf(run), { note }),
          done: "The note is kept.",
          undo: () => () => change("PATCH", pathOf(run), { note: run.note ?? "" }),
        }}
      />
    </ForOperators>
  );
}
