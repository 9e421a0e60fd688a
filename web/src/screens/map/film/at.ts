// The estate at a moment of a film. What is as it was at the moment before is the same object again,
// so that nothing of it is drawn again. Pure.

import type { Estate, MapDag, MapJob, MapMember } from "@/api/types";
import { shownTask } from "@/state/states";
import type { Expected } from "../picture";
import { type Film, lastAt, momentsKey } from "./film";

export interface Scene {
  estate: Estate;
  /** When the jobs that run then end. */
  expected: Expected;
}

const iso = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : null);
const isRunning = (state: MapMember["state"]) => shownTask(state).look === "running";

function memberAt(film: Film, live: MapMember, run: string | undefined, at: number, expected: Expected) {
  const moments = run === undefined ? undefined : film.jobs.get(momentsKey(live.id, run));
  let i = lastAt(moments, at);
  const state = moments?.[i]?.state ?? null;
  const atWork = isRunning(state);
  // Of several moments at work in a row the first is the start.
  let next = i + 1;
  while (atWork && isRunning(moments?.[next]?.state ?? null)) next += 1;
  while (atWork && isRunning(moments?.[i - 1]?.state ?? null)) i -= 1;
  const end = moments?.[next]?.at;
  const start = atWork ? iso(moments?.[i]?.at ?? at) : null;
  if (atWork && end !== undefined) expected.set(live.id, new Date(end).toISOString());
  const member: MapMember = {
    id: live.id,
    lane_id: live.lane_id,
    display_name: live.display_name,
    state,
    try_number: 0,
    start_date: start,
    end_date: null,
    next_try_at: null,
    cluster: atWork ? { cluster_id: "", state: "RUNNING" } : null,
    blocked_by: [],
    deadline: null,
  };
  return member;
}

const isSame = (a: MapMember | undefined, b: MapMember) =>
  a !== undefined && a.state === b.state && a.start_date === b.start_date;

/** As `before`, if nothing of it is otherwise. */
function jobAt(before: MapJob | undefined, live: MapJob, members: MapMember[]): MapJob {
  const isOld =
    before?.members.length === members.length && members.every((one, i) => isSame(before.members[i], one));
  return isOld && before ? before : { ...live, members };
}

function dagAt(before: MapDag | undefined, live: MapDag, film: Film, at: number, expected: Expected): MapDag {
  const moments = film.runs.get(live.id);
  const moment = moments?.[lastAt(moments, at)];
  const jobs = live.jobs.map((job, i) => {
    const members = job.members.map(one => memberAt(film, one, moment?.run, at, expected));
    return jobAt(before?.jobs[i]?.id === job.id ? before.jobs[i] : undefined, job, members);
  });
  const isOld =
    before !== undefined &&
    before.run?.dag_run_id === moment?.run &&
    before.run?.state === moment?.state &&
    before.jobs.length === jobs.length &&
    jobs.every((job, i) => job === before.jobs[i]);
  if (isOld) return before;
  const run = moment && {
    dag_run_id: moment.run,
    state: moment.state,
    logical_date: null,
    start_date: null,
    end_date: null,
    deadline: null,
  };
  return {
    ...live,
    is_paused: film.isForecast && live.is_paused,
    blackout: null,
    next_run: null,
    run: run ?? null,
    jobs,
  };
}

/** `live` says which DAGs and jobs there are; `before` is the scene that was shown before. */
export function sceneAt(film: Film, live: Estate, at: number, before?: Scene): Scene {
  const expected: Expected = new Map();
  const known = new Map(before?.estate.dags.map(dag => [dag.id, dag]));
  const dags = live.dags.map(dag => dagAt(known.get(dag.id), dag, film, at, expected));
  return { estate: { ...live, dags }, expected };
}
