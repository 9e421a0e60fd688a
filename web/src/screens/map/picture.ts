// The map as it is drawn: the plan joined with where everything stands at the moment. What did not
// change since the picture before is the same object again, so that it is not drawn again. Pure.

import type {
  DeadlineStatus,
  Estate,
  MapDag,
  MapDeadline,
  MapJob,
  MapLayout,
  MapMember,
  Point,
} from "@/api/types";
import { deadlineRank, shownTask, together, type Urgency, urgencyOf } from "@/state/states";
import { type Closed, closedBy } from "./closed";
import { aside, trackOffsets } from "./geometry";
import {
  drawnTracks,
  makePlan,
  type Plan,
  type PlannedLine,
  type PlannedStation,
  TRACK_GAP,
  TRACKS_MOST,
} from "./plan";

export interface Stop {
  id: string;
  dag: string;
  job: string;
  plan: PlannedStation;
  closed: Closed | null;
  state: ReturnType<typeof together>;
  urgency: Urgency;
  /** Lanes that are drawn one by one; none where there are too many. */
  lanes: { member: MapMember; offset: number }[];
}

/** A DAG as one thing. */
export interface Line {
  id: string;
  dag: string;
  plan: PlannedLine;
  closed: Closed | null;
  state: ReturnType<typeof together>;
  urgency: Urgency;
}

export interface Train {
  id: string;
  stop: string;
  color: number;
  cluster: string | null; // null: it is not known any more, or not yet
  state: string;
  label: string;
  way: Point[];
  start: string | null;
  end: string | null;
}

export interface Picture {
  stops: Stop[];
  lines: Line[];
  trains: Train[];
  /** The lines on which nothing runs by itself. */
  closed: Set<string>;
}

/** When jobs that run are expected to end, by the map's id of the member. */
export type Expected = Map<string, string>;

const worstStatus = (deadlines: (MapDeadline | null | undefined)[]): DeadlineStatus | undefined =>
  deadlines
    .flatMap(deadline => (deadline ? [deadline.status] : []))
    .sort((a, b) => deadlineRank(a) - deadlineRank(b))[0];
const dueOf = (members: MapMember[]) => members.map(member => member.deadline);

function stopOf(plan: PlannedStation, dag: MapDag, job: MapJob): Stop {
  const offsets = trackOffsets(drawnTracks(job.members.length), TRACK_GAP);
  const lanes = job.members.length <= TRACKS_MOST ? job.members : [];
  return {
    id: plan.id,
    dag: dag.dag_id,
    job: job.job_id,
    plan,
    closed: closedBy(dag),
    state: together(job.members.map(member => member.state)),
    urgency: urgencyOf(worstStatus(dueOf(job.members))),
    lanes: lanes.map((member, i) => ({ member, offset: offsets[i] ?? 0 })),
  };
}

function stateOfDag({ run, jobs }: MapDag): ReturnType<typeof together> {
  if (run?.state === "success") return "success";
  const state = together(jobs.flatMap(job => job.members.map(member => member.state)));
  return state ?? run?.state ?? null;
}

function lineOf(plan: PlannedLine, dag: MapDag): Line {
  const due = [dag.run?.deadline, ...dag.jobs.flatMap(job => dueOf(job.members))];
  return {
    id: plan.id,
    dag: dag.dag_id,
    plan,
    closed: closedBy(dag),
    state: stateOfDag(dag),
    urgency: urgencyOf(worstStatus(due)),
  };
}

function trainsOf(stop: Stop, job: MapJob, expected: Expected): Train[] {
  const offsets = trackOffsets(drawnTracks(job.members.length), TRACK_GAP);
  return job.members.flatMap((member, i) => {
    if (!member.cluster || shownTask(member.state).look !== "running") return [];
    return [
      {
        id: member.id,
        stop: stop.id,
        color: stop.plan.color,
        cluster: member.cluster.cluster_id || null,
        state: member.cluster.state,
        label: member.display_name,
        way: aside(stop.plan.into, offsets[Math.min(i, offsets.length - 1)] ?? 0),
        start: member.start_date,
        end: expected.get(member.id) ?? null,
      },
    ];
  });
}

/** A function that draws the moments of an estate with this layout. */
export function pictureMaker(layout: MapLayout) {
  const plan: Plan = makePlan(layout);
  const stops = new WeakMap<MapJob, Stop>();
  const lines = new WeakMap<MapDag, Line>();
  let closed = new Set<string>();

  const stopIn = (station: PlannedStation, dag: MapDag, job: MapJob) => {
    const known = stops.get(job);
    if (known?.closed === closedBy(dag)) return known;
    const made = stopOf(station, dag, job);
    stops.set(job, made);
    return made;
  };
  const lineIn = (line: PlannedLine, dag: MapDag) => {
    const made = lines.get(dag) ?? lineOf(line, dag);
    lines.set(dag, made);
    return made;
  };

  const draw = (estate: Estate, expected: Expected): Picture => {
    const dags = new Map(estate.dags.map(dag => [dag.id, dag]));
    const jobs = new Map(estate.dags.flatMap(dag => dag.jobs.map(job => [job.id, { dag, job }] as const)));
    const picture: Picture = { stops: [], lines: [], trains: [], closed };
    for (const station of plan.stations) {
      const found = jobs.get(station.id);
      if (!found) continue; // it is gone since the layout was made
      const stop = stopIn(station, found.dag, found.job);
      picture.stops.push(stop);
      picture.trains.push(...trainsOf(stop, found.job, expected));
    }
    for (const line of plan.lines) {
      const dag = dags.get(line.id);
      if (dag) picture.lines.push(lineIn(line, dag));
    }
    const paused = estate.dags.filter(closedBy).map(dag => dag.id);
    if (paused.length !== closed.size || paused.some(id => !closed.has(id))) closed = new Set(paused);
    return { ...picture, closed };
  };
  return { plan, draw };
}

const NEARLY = 0.94; // a train that is late waits before its station
const UNKNOWN = 0.5;

/** How much of its way a train has behind it. */
export function shareOf(train: Train, now: number): number {
  if (!train.start || !train.end) return UNKNOWN;
  const start = Date.parse(train.start);
  const whole = Date.parse(train.end) - start;
  if (whole <= 0) return NEARLY;
  return Math.max(0.04, Math.min(NEARLY, (now - start) / whole));
}
