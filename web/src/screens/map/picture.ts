// The map as it is drawn: the layout joined with where everything stands at the moment. Pure.

import type {
  DeadlineStatus,
  Estate,
  LayoutEdge,
  MapDag,
  MapJob,
  MapLayout,
  MapMember,
  Point,
} from "@/api/types";
import { deadlineRank, shownTask, together, type Urgency, urgencyOf } from "@/state/states";
import { along, aside, trackOffsets } from "./geometry";

/** Units of the drawing in a cell of the layout. */
export const CELL = 20;
export const inUnits = (x: number, y: number): Point => [x * CELL, y * CELL];

// As the layout counts on.
export const TRACKS_MOST = 6;
export const TRACK_GAP = 0.25 * CELL;

export const STATION_RADIUS = 0.37 * CELL;
const APPROACH = 1.3 * CELL; // the track before a line's first station, on which its trains come

export interface Track {
  id: string;
  line: string;
  color: number;
  kind: LayoutEdge["kind"];
  isImplied: boolean;
  isClosed: boolean; // its DAG is paused
  paths: Point[][];
  ends: [string, string];
}

export interface Stop {
  id: string;
  job: MapJob;
  dag: MapDag;
  at: Point;
  /** Of the tracks here, in degrees. */
  angle: number;
  span: number; // tracks that it reaches across
  color: number;
  isInterchange: boolean;
  isClosed: boolean;
  state: ReturnType<typeof together>;
  urgency: Urgency;
  /** Lanes that are drawn one by one; none where there are too many. */
  lanes: { member: MapMember; offset: number }[];
}

export interface Train {
  id: string;
  stop: string;
  color: number;
  cluster: string;
  state: string;
  label: string;
  way: Point[];
  start: string | null;
  end: string | null;
}

export interface Picture {
  tracks: Track[];
  stops: Stop[];
  trains: Train[];
}

/** When jobs that run are expected to end, by the map's id of the member. */
export type Expected = Map<string, string>;

const worstStatus = (members: MapMember[]): DeadlineStatus | undefined =>
  members
    .flatMap(member => (member.deadline ? [member.deadline.status] : []))
    .sort((a, b) => deadlineRank(a) - deadlineRank(b))[0];

const drawn = (tracks: number) => Math.min(Math.max(tracks, 1), TRACKS_MOST);
const pointsOf = (edge: LayoutEdge) => edge.points.map(([x, y]) => inUnits(x, y));
const endsOf = (edge: LayoutEdge) => edge.id.split(">") as [string, string];

export function makePicture(layout: MapLayout, estate: Estate, expected: Expected): Picture {
  const dags = new Map(estate.dags.map(dag => [dag.id, dag]));
  const jobs = new Map(estate.dags.flatMap(dag => dag.jobs.map(job => [job.id, { dag, job }] as const)));
  const lines = new Map(layout.lines.map(line => [line.id, line]));
  const stations = new Map(layout.stations.map(station => [station.id, station]));

  const tracksOf = (edge: LayoutEdge) => {
    if (edge.kind !== "line" || edge.implied) return 1;
    return Math.max(...endsOf(edge).map(end => drawn(stations.get(end)?.tracks ?? 1)));
  };
  const tracks: Track[] = layout.edges.map(edge => ({
    id: edge.id,
    line: edge.line ?? "",
    color: lines.get(edge.line ?? "")?.color ?? 0,
    kind: edge.kind,
    isImplied: edge.implied ?? false,
    isClosed: dags.get(edge.line ?? "")?.is_paused ?? false,
    paths: trackOffsets(tracksOf(edge), TRACK_GAP).map(offset => aside(pointsOf(edge), offset)),
    ends: endsOf(edge),
  }));

  const spans = new Map<string, number>();
  const angles = new Map<string, number>();
  for (const edge of layout.edges) {
    if (edge.kind !== "line" || edge.implied) continue;
    const [from, to] = endsOf(edge);
    for (const end of [from, to]) spans.set(end, Math.max(spans.get(end) ?? 1, tracksOf(edge)));
    angles.set(from, along(edge.points, 0).angle);
    if (!angles.has(to)) angles.set(to, along(edge.points, 1).angle);
  }

  const stops: Stop[] = [];
  const trains: Train[] = [];
  for (const station of layout.stations) {
    const found = jobs.get(station.id);
    if (!found) continue; // it is gone since the layout was made
    const { dag, job } = found;
    const lanes = job.members.length <= TRACKS_MOST ? job.members : [];
    const offsets = trackOffsets(drawn(job.members.length), TRACK_GAP);
    const stop: Stop = {
      id: station.id,
      job,
      dag,
      at: inUnits(station.x, station.y),
      angle: angles.get(station.id) ?? 0,
      span: Math.max(spans.get(station.id) ?? 1, drawn(station.tracks)),
      color: lines.get(station.line)?.color ?? 0,
      isInterchange: station.interchange,
      isClosed: dag.is_paused,
      state: together(job.members.map(member => member.state)),
      urgency: urgencyOf(worstStatus(job.members)),
      lanes: lanes.map((member, i) => ({ member, offset: offsets[i] ?? 0 })),
    };
    stops.push(stop);
    const into = layout.edges.find(
      edge => edge.kind === "line" && !edge.implied && endsOf(edge)[1] === station.id,
    );
    const [x, y] = stop.at;
    const way: Point[] = into ? pointsOf(into) : [[x - APPROACH, y], stop.at];
    job.members.forEach((member, i) => {
      if (!member.cluster || shownTask(member.state).look !== "running") return;
      trains.push({
        id: member.id,
        stop: station.id,
        color: stop.color,
        cluster: member.cluster.cluster_id,
        state: member.cluster.state,
        label: member.display_name,
        way: aside(way, offsets[Math.min(i, offsets.length - 1)] ?? 0),
        start: member.start_date,
        end: expected.get(member.id) ?? null,
      });
    });
  }
  return { tracks, stops, trains };
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
