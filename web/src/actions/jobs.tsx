// What a person may do to a job of a run: clear it, mark it, write a note.

import { Checkbox, Select } from "@mantine/core";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { change, part } from "@/api/client";
import { tasksOf } from "@/api/queries";
import { ForOperators } from "@/app/session";
import { Act } from "@/parts/Act";
import { type JobOfRun, jobsOf } from "@/state/jobs";
import { shownTask } from "@/state/states";
import { type Changed, linesOf } from "./changed";
import { begunOf, type End, endOf, endsOf } from "./ends";

const taskPath = (job: JobOfRun, task: string) =>
  `/dags/${part(job.dag)}/dagRuns/${part(job.run)}/taskInstances/${part(task)}${job.index >= 0 ? `/${job.index}` : ""}`;

const markAgain = ({ dag, run }: JobOfRun, { task, index, state }: End) =>
  change(
    "PATCH",
    `/dags/${part(dag)}/dagRuns/${part(run)}/taskInstances/${part(task)}${index >= 0 ? `/${index}` : ""}`,
    { new_state: state },
  );

interface Cleared {
  before: JobOfRun[];
  changed: Changed;
}

/** Before anything is launched: the jobs are marked as they were. */
function unclear(queries: QueryClient, job: JobOfRun, { before, changed }: Cleared) {
  const ends = endsOf(before, changed);
  return (
    ends &&
    (async () => {
      const tasks = await queries.fetchQuery({ ...tasksOf(job.dag, job.run), staleTime: 0 });
      const begun = begunOf(jobsOf(tasks), ends);
      if (begun) throw new Error(`${begun.name} has begun again.`);
      for (const end of ends) await markAgain(job, end);
    })
  );
}

function ClearJob({ job }: { job: JobOfRun }) {
  const [hasDownstream, setHasDownstream] = useState(true);
  const [hasOthers, setHasOthers] = useState(false);
  const queries = useQueryClient();
  const [first] = job.tasks;
  if (!first) return null;
  const ask = (isDry: boolean) =>
    change<Changed>("POST", `/dags/${part(job.dag)}/clearTaskInstances`, {
      dry_run: isDry,
      dag_run_id: job.run,
      task_ids: [job.index >= 0 ? [first.task_id, job.index] : first.task_id],
      only_failed: false,
      include_downstream: hasDownstream,
      include_other_dags: hasOthers,
    });
  return (
    <Act
      change={{
        label: "Clear",
        title: `Clear ${job.name}`,
        what: "The job runs again, with new clusters and tries of their own. What it did stays in the history.",
        options: (
          <>
            <Checkbox
              label="and what depends on it in this run"
              checked={hasDownstream}
              onChange={event => setHasDownstream(event.currentTarget.checked)}
            />
            <Checkbox
              label="and what depends on it in other DAGs"
              checked={hasOthers}
              onChange={event => setHasOthers(event.currentTarget.checked)}
            />
          </>
        ),
        preview: async () => linesOf(await ask(true)),
        previewKey: ["clear", job.dag, job.run, job.key, String(hasDownstream), String(hasOthers)],
        run: async (): Promise<Cleared> => {
          const before = jobsOf(await queries.fetchQuery({ ...tasksOf(job.dag, job.run), staleTime: 0 }));
          return { before, changed: await ask(false) };
        },
        done: `${job.name} is cleared and runs again.`,
        undo: made => unclear(queries, job, made as Cleared),
      }}
    />
  );
}

function MarkJob({ job }: { job: JobOfRun }) {
  const [state, setState] = useState<string | null>("success");
  const last = job.tasks.at(-1);
  if (!last) return null;
  const path = taskPath(job, last.task_id);
  const before = endOf(job);
  return (
    <Act
      change={{
        label: "Mark",
        title: `Mark ${job.name}`,
        what: "The job gets this state without running. A cluster of it that is up is terminated.",
        options: (
          <Select
            label="State"
            data={["success", "failed", "skipped"]}
            value={state}
            onChange={setState}
            allowDeselect={false}
          />
        ),
        preview: async () => linesOf(await change<Changed>("PATCH", `${path}/dry_run`, { new_state: state })),
        previewKey: ["mark", job.dag, job.run, job.key, state ?? ""],
        run: () => change("PATCH", path, { new_state: state }),
        done: `${job.name} is marked ${state}.`,
        undo: () => before && (() => markAgain(job, before)),
      }}
    />
  );
}

/** Of a job that has a cluster at work; what has none is marked. */
function AbortJob({ job }: { job: JobOfRun }) {
  const last = job.tasks.at(-1);
  if (!last || !job.cluster || shownTask(job.state).look !== "running") return null;
  const path = taskPath(job, last.task_id);
  return (
    <Act
      change={{
        label: "Abort",
        title: `Abort ${job.name}`,
        what: `The job fails, and no retry follows. Its cluster ${job.cluster} is terminated.`,
        isDangerous: true,
        preview: async () =>
          linesOf(await change<Changed>("PATCH", `${path}/dry_run`, { new_state: "failed" })),
        previewKey: ["abort", job.dag, job.run, job.key],
        run: () => change("PATCH", path, { new_state: "failed" }),
        done: `${job.name} is aborted.`,
      }}
    />
  );
}

function NoteJob({ job }: { job: JobOfRun }) {
  const [first] = job.tasks;
  if (!first) return null;
  return (
    <Act
      change={{
        label: job.note ? "Change the note" : "Note",
        title: `Note on ${job.name}`,
        what: "Everybody who sees the job reads it.",
        text: { label: "Note", initial: job.note ?? "" },
        run: note => change("PATCH", taskPath(job, first.task_id), { note }),
        done: "The note is kept.",
        undo: () => () => change("PATCH", taskPath(job, first.task_id), { note: first.note ?? "" }),
      }}
    />
  );
}

export const JobActions = ({ job }: { job: JobOfRun }) => (
  <ForOperators>
    <ClearJob job={job} />
    <AbortJob job={job} />
    <MarkJob job={job} />
    <NoteJob job={job} />
  </ForOperators>
);
