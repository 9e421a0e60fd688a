// Who holds the slots of pools, and who waits for them in which order. Pure.

import type { QueuedTask } from "@/api/operations";
import { type JobOfRun, jobsOf } from "@/state/jobs";

export interface SlotJob extends JobOfRun {
  pool: string;
  slots: number;
  weight: number;
}

const slotJobs = (tasks: QueuedTask[]): SlotJob[] =>
  jobsOf(tasks).map(job => {
    const { pool, pool_slots, priority_weight } = job.now as QueuedTask;
    return { ...job, pool, slots: pool_slots, weight: priority_weight };
  });

/** The longest first: of these somebody asks whether they are stuck. */
export const holders = (tasks: QueuedTask[], pool: string | undefined) =>
  slotJobs(tasks)
    .filter(job => job.slots > 0 && (!pool || job.pool === pool))
    .sort((a, b) => (a.start ?? "").localeCompare(b.start ?? ""));

/** By priority, then by how long they wait; what else decides is in the server's sentence. */
export const waiters = (tasks: QueuedTask[], pool: string | undefined) =>
  slotJobs(tasks)
    .filter(job => !pool || job.pool === pool)
    .sort((a, b) => b.weight - a.weight || (a.now.queued_when ?? "").localeCompare(b.now.queued_when ?? ""));
