// The past as a film, from rows of history. Pure.

import type { Estate, HistoryRow, RunState, TaskState } from "@/api/types";
import { shownTask } from "@/state/states";
import { EVER, type Film, type JobMoment, memberId, momentsKey, push, withTheRest } from "./film";

export type PastRow = Pick<
  HistoryRow,
  "at" | "kind" | "entity" | "dag_id" | "dag_run_id" | "job_id" | "lane_id" | "map_index" | "from" | "to"
>;

/** A job of EMR has two tasks, one after the other; others have one. */
interface Tasks {
  first: TaskState | null;
  second: TaskState | null;
  hasTwo: boolean;
}
const SECOND = ".wait_cluster_termination";
const FIRST = ".start_cluster";

const stateOf = (text: string): TaskState | null =>
  text === "" || text === "none" ? null : (text as TaskState);

const ofJob = ({ first, second, hasTwo }: Tasks): TaskState | null =>
  first === "success" && hasTwo ? (second ?? "running") : first;

class Jobs {
  readonly moments = new Map<string, JobMoment[]>();
  private readonly tasks = new Map<string, Tasks>();

  take(row: PastRow, at: number, dag: string, run: string, job: string) {
    const key = momentsKey(memberId(dag, job, row.lane_id), run);
    const isSecond = row.entity.endsWith(SECOND);
    const hasTwo = isSecond || row.entity.endsWith(FIRST);
    const before = this.tasks.get(key) ?? this.beginning(key, row, isSecond, hasTwo);
    const now = isSecond
      ? { ...before, hasTwo, second: stateOf(row.to) }
      : { ...before, hasTwo, first: stateOf(row.to) };
    this.tasks.set(key, now);
    const state = ofJob(now);
    if (state !== ofJob(before)) push(this.moments, key, { at, state });
  }

  /** What was there before the first row: of the other task it follows from the order of both. */
  private beginning(key: string, row: PastRow, isSecond: boolean, hasTwo: boolean): Tasks {
    const from = stateOf(row.from);
    const tasks: Tasks = isSecond
      ? { first: "success", second: from, hasTwo }
      : { first: from, second: null, hasTwo };
    push(this.moments, key, { at: EVER, state: ofJob(tasks) });
    return tasks;
  }
}

/** `rows`: of runs and tasks, in order. */
export function filmOfPast(rows: PastRow[], live: Estate, from: number, to: number): Film {
  const film: Film = { isForecast: false, from, to, runs: new Map(), jobs: new Map(), failures: [] };
  const jobs = new Jobs();
  const newest = new Map<string, string>();
  for (const row of rows) {
    const { dag_id: dag, dag_run_id: run, job_id: job } = row;
    if (!dag || !run) continue;
    const at = Date.parse(row.at);
    if (row.kind === "task" && job && row.map_index < 0) {
      jobs.take(row, at, dag, run, job);
      if (shownTask(stateOf(row.to)).look === "failed") film.failures.push(at);
    }
    if (row.kind !== "run") continue;
    const line = `dag:${dag}`;
    const isNew = row.from === "" || row.from === "none";
    if (!newest.has(line) && !isNew) push(film.runs, line, { at: EVER, run, state: row.from as RunState });
    // Runs before the latest one go on, and the map shows the latest.
    if (isNew || !newest.has(line)) newest.set(line, run);
    if (newest.get(line) === run) push(film.runs, line, { at, run, state: row.to as RunState });
  }
  film.jobs = jobs.moments;
  return withTheRest(film, live);
}
