// What the layout alone says of the drawing: ways of tracks, how stations lie, which way leads into
// one. It changes when DAGs change. Pure.

import type { LayoutEdge, LayoutStation, MapLayout, Point } from "@/api/types";
import type { Box } from "./boxes";
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
  way: Point[];
  paths: Point[][];
  ends: [string, string];
}

export interface PlannedStation {
  id: string;
  line: string;
  at: Point;
  /** Of the tracks here, in degrees. */
  angle: number;
  span: number; // tracks that it reaches across
  color: number;
  isInterchange: boolean;
  /** The way into it. */
  into: Point[];
}

export interface PlannedLine {
  id: string;
  label: string;
  color: number;
  /** Between its stations; one point if there is one station. */
  ways: Point[][];
  /** Of its largest station, across the tracks: half of it. */
  half: number;
}

export interface Plan {
  box: Box;
  tracks: Track[];
  stations: PlannedStation[];
  lines: PlannedLine[];
}

export const drawnTracks = (tracks: number) => Math.min(Math.max(tracks, 1), TRACKS_MOST);
const endsOf = (edge: LayoutEdge) => edge.id.split(">") as [string, string];
const isOfLine = (track: Track) => track.kind === "line" && !track.isImplied;

function tracksOf(layout: MapLayout): Track[] {
  const lines = new Map(layout.lines.map(line => [line.id, line]));
  const stations = new Map(layout.stations.map(station => [station.id, station]));
  const count = (edge: LayoutEdge) =>
    edge.kind !== "line" || edge.implied
      ? 1
      : Math.max(...endsOf(edge).map(end => drawnTracks(stations.get(end)?.tracks ?? 1)));
  return layout.edges.map(edge => {
    const way = edge.points.map(([x, y]) => inUnits(x, y));
    return {
      id: edge.id,
      line: edge.line ?? "",
      color: lines.get(edge.line ?? "")?.color ?? 0,
      kind: edge.kind,
      isImplied: edge.implied ?? false,
      way,
      paths: trackOffsets(count(edge), TRACK_GAP).map(offset => aside(way, offset)),
      ends: endsOf(edge),
    };
  });
}

export function makePlan(layout: MapLayout): Plan {
  const tracks = tracksOf(layout);
  const colors = new Map(layout.lines.map(line => [line.id, line.color]));
  const spans = new Map<string, number>();
  const angles = new Map<string, number>();
  const ways = new Map<string, Point[]>();
  const ofLine = new Map<string, Point[][]>();
  for (const track of tracks.filter(isOfLine)) {
    const [from, to] = track.ends;
    for (const end of [from, to]) spans.set(end, Math.max(spans.get(end) ?? 1, track.paths.length));
    angles.set(from, along(track.way, 0).angle);
    if (!angles.has(to)) angles.set(to, along(track.way, 1).angle);
    if (!ways.has(to)) ways.set(to, track.way);
    ofLine.set(track.line, [...(ofLine.get(track.line) ?? []), track.way]);
  }
  const station = (one: LayoutStation): PlannedStation => {
    const at = inUnits(one.x, one.y);
    return {
      id: one.id,
      line: one.line,
      at,
      angle: angles.get(one.id) ?? 0,
      span: Math.max(spans.get(one.id) ?? 1, drawnTracks(one.tracks)),
      color: colors.get(one.line) ?? 0,
      isInterchange: one.interchange,
      into: ways.get(one.id) ?? [[at[0] - APPROACH, at[1]], at],
    };
  };
  const wide = new Map<string, number[]>();
  for (const one of layout.stations)
    wide.set(one.line, [...(wide.get(one.line) ?? []), drawnTracks(one.tracks)]);
  const alone = (id: string) =>
    layout.stations.filter(one => one.line === id).map(one => [inUnits(one.x, one.y)]);
  return {
    box: { x: 0, y: 0, width: layout.width * CELL, height: layout.height * CELL },
    tracks,
    stations: layout.stations.map(station),
    lines: layout.lines.map(({ id, label, color }) => ({
      id,
      label,
      color,
      ways: ofLine.get(id) ?? alone(id),
      half: STATION_RADIUS + ((Math.max(1, ...(wide.get(id) ?? [])) - 1) * TRACK_GAP) / 2,
    })),
  };
}
