// Where the lines' signs stand at a step of the scale. They move when DAGs change, or when there is no
// room for the name of a line that needs somebody: not when states change.

import { useEffect, useMemo, useRef, useState } from "react";
import { type Look, shownTask } from "@/state/states";
import { around, type Box } from "./boxes";
import { type Detail, detailOf, scaleOf } from "./levels";
import type { Line } from "./picture";
import { type Plan, STATION_RADIUS, TRACK_GAP, type Track } from "./plan";
import { type Ground, type Place, placeSigns, type Wish } from "./signs";
import type { Zone } from "./zones";

const FONT = "600 12px";
/** Of a zone's name, whose letters are larger and further apart. */
const ZONE_GROWS = 1.35;
/** Of what stands beside the name: the state's sign, and the ends. */
const SIGN_SIDES = 32;
const OUTSIDE = 20; // so far signs may stand out of the map
const NAME_MOST = 26;
const URGENT: Look[] = ["failed", "retry"];

export const nameOf = (label: string) =>
  label.length > NAME_MOST ? `${label.slice(0, NAME_MOST - 1)}…` : label;

export const isUrgent = (line: Line) =>
  line.urgency === "late" || URGENT.includes(shownTask(line.state).look);

let pen: CanvasRenderingContext2D | null | undefined;
const widths = new Map<string, number>();

function widthOf(text: string): number {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * 7;
  const known = widths.get(text);
  if (known !== undefined) return known;
  pen.font = `${FONT} ${getComputedStyle(document.body).getPropertyValue("--mantine-font-family")}`;
  const width = Math.ceil(pen.measureText(text).width);
  widths.set(text, width);
  return width;
}

export const signWidth = (label: string) => widthOf(nameOf(label)) + SIGN_SIDES;

const scaled = (box: Box, by: number): Box => ({
  x: box.x * by,
  y: box.y * by,
  width: box.width * by,
  height: box.height * by,
});

function groundOf(plan: Plan, scale: number, detail: Detail): Ground {
  const lineOf = new Map(plan.stations.map(station => [station.id, station.line]));
  const linesOf = (track: Track) =>
    track.kind === "line" ? [track.line] : track.ends.map(end => lineOf.get(end) ?? end);
  const { x, y, width, height } = scaled(plan.box, scale);
  return {
    bounds: { x: x - OUTSIDE, y: y - OUTSIDE, width: width + 2 * OUTSIDE, height: height + 2 * OUTSIDE },
    tracks: plan.tracks.flatMap(track => {
      const lines = linesOf(track);
      return track.way.slice(1).map((to, i) => {
        const from = track.way[i] ?? to;
        return {
          lines,
          from: [from[0] * scale, from[1] * scale] as const,
          to: [to[0] * scale, to[1] * scale] as const,
        };
      });
    }) as Ground["tracks"],
    blocks:
      detail === "far"
        ? []
        : plan.stations.map(({ at, span }) => {
            const size = 2 * STATION_RADIUS * scale;
            const across = size + (span - 1) * TRACK_GAP * scale;
            return around([at[0] * scale, at[1] * scale], size, across);
          }),
  };
}

function place(
  plan: Plan,
  zones: Zone[],
  step: number,
  detail: Detail,
  first: Set<string>,
): Map<string, Place> {
  const scale = scaleOf(step);
  const names: Wish[] = zones.map(zone => ({
    line: zone.id,
    width: widthOf(zone.tag) * ZONE_GROWS,
    rank: -2,
    half: 0,
    ways: [[[zone.at[0] * scale, zone.at[1] * scale]]],
  }));
  const wishes: Wish[] = plan.lines.map((line, i) => ({
    line: line.id,
    width: signWidth(line.label),
    rank: first.has(line.id) ? -1 : i,
    half: line.half * scale,
    ways: line.ways.map(way => way.map(([x, y]) => [x * scale, y * scale])),
  }));
  return placeSigns([...names, ...wishes], groundOf(plan, scale, detail));
}

const NO_ZONES: Zone[] = [];
const SETTLE_MS = 120;

/** Signs find new places once a movement rests; meanwhile they stay at what they stand at. */
function useSettled(step: number): number {
  const [settled, setSettled] = useState(step);
  const isFirst = useRef(true);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(step), isFirst.current ? 0 : SETTLE_MS);
    isFirst.current = false;
    return () => window.clearTimeout(timer);
  }, [step]);
  return settled;
}

interface Signs {
  places: Map<string, Place>;
  /** At which they were placed. */
  scale: number;
}

export function useSigns(plan: Plan, lines: Line[], zones: Zone[], shownStep: number): Signs {
  const step = useSettled(shownStep);
  const detail = detailOf(scaleOf(step));
  const isShown = detail === "far" || detail === "mid";
  const named = detail === "far" ? zones : NO_ZONES;
  const usual = useMemo(
    () => (isShown ? place(plan, named, step, detail, new Set()) : new Map<string, Place>()),
    [plan, named, step, detail, isShown],
  );
  const hidden = lines.filter(line => isShown && isUrgent(line) && !usual.get(line.id)?.isNamed);
  const first = hidden.map(line => line.id).join(" ");
  const places = useMemo(
    () => (first ? place(plan, named, step, detail, new Set(first.split(" "))) : usual),
    [plan, named, step, detail, first, usual],
  );
  return { places, scale: scaleOf(step) };
}
