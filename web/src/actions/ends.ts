// How jobs had ended, so that they can be marked so again. Pure.

import type { TaskState } from "@/api/types";
import type { JobOfRun } from "@/state/jobs";
import type { Changed } from "./changed";

/** What a person may mark a job. */
const MARKS: (TaskState | null)[] = ["success", "failed", "skipped"];
const WAITING: (TaskState | null)[] = [null, "none", "scheduled", "queued"];
const MOST = 20;

export interface End {
  task: string;
  index: number;
  name: string;
  state: TaskState;
  /** Its latest one: a clear leaves it there until there is another. */
  cluster: string | null;
}

/** What the job is marked again; nothing where it had not ended. */
export function endOf(job: JobOfRun): End | undefined {
  const last = job.tasks.at(-1);
  return last && job.state !== null && MARKS.includes(job.state)
    ? { task: last.task_id, index: job.index, name: job.name, state: job.state, cluster: job.cluster }
    : undefined;
}

/** Of all jobs that were cleared; nothing where one of them had not ended, or is of another run. */
export function endsOf(jobs: JobOfRun[], { task_instances: cleared }: Changed): End[] | undefined {
  const concerned = jobs.filter(job =>
    job.tasks.some(task =>
      cleared.some(one => one.task_id === task.task_id && one.map_index === task.map_index),
    ),
  );
  const isOfRun = cleared.every(one =>
    jobs.some(job => job.run === one.dag_run_id && job.dag === one.dag_id),
  );
  const ends = concerned.flatMap(job => endOf(job) ?? []);
  const isWhole = isOfRun && ends.length === concerned.length && ends.length > 0 && ends.length <= MOST;
  return isWhole ? ends : undefined;
}

/** Of these the first that has begun again, or has ended. */
export const begunOf = (jobs: JobOfRun[], ends: End[]): JobOfRun | undefined =>
  jobs.find(job => {
    const end = ends.find(
      one => one.index === job.index && job.tasks.some(task => task.task_id === one.task),
    );
    return end && !(job.cluster === end.cluster && WAITING.includes(job.state));
  });
