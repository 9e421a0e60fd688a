// Zones: what DAGs with the same first tag lie on, seen from far. A zone is in one piece: where its lines
// stand too far apart, there are several zones of one tag. Pure.

import type { MapDag, Point } from "@/api/types";
import { CELL, type Plan, type PlannedLine } from "./plan";

export interface Zone {
  id: string;
  tag: string;
  color: number;
  lines: string[];
  /** What the area lies around. */
  ways: Point[][];
  /** About where its name stands. */
  at: Point;
}

const NEAR = 26 * CELL; // so far apart lines are still of one zone
const COLORS = 12;

interface Placed {
  line: PlannedLine;
  at: Point;
}

function middleOf(line: PlannedLine): Point {
  const points = line.ways.flat();
  const middle = (axis: 0 | 1) => {
    const values = points.map(point => point[axis]);
    return (Math.min(...values) + Math.max(...values)) / 2;
  };
  return [middle(0), middle(1)];
}

const apart = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** Those that are joined by steps of NEAR, with the steps. */
function pieces(all: Placed[]): { lines: Placed[]; steps: Point[][] }[] {
  const left = new Set(all);
  const found = [];
  for (const first of left) {
    left.delete(first);
    const piece = { lines: [first], steps: [] as Point[][] };
    for (const from of piece.lines)
      for (const to of left) {
        if (apart(from.at, to.at) > NEAR) continue;
        left.delete(to);
        piece.lines.push(to);
        piece.steps.push([from.at, to.at]);
      }
    found.push(piece);
  }
  return found;
}

/** The one in the midst of the others. */
const central = (lines: Placed[]) =>
  lines
    .map(({ at }) => ({ at, sum: lines.reduce((sum, other) => sum + apart(at, other.at), 0) }))
    .sort((a, b) => a.sum - b.sum)[0]?.at ?? ([0, 0] as Point);

/** A DAG alone is no zone. */
export function zonesOf(dags: Pick<MapDag, "id" | "tags">[], plan: Plan): Zone[] {
  const tagOf = new Map(dags.flatMap(dag => (dag.tags[0] ? [[dag.id, dag.tags[0]] as const] : [])));
  const byTag = Map.groupBy(
    plan.lines.filter(line => tagOf.has(line.id) && line.ways.length > 0),
    line => tagOf.get(line.id) ?? "",
  );
  return [...byTag].sort().flatMap(([tag, lines], color) =>
    pieces(lines.map(line => ({ line, at: middleOf(line) })))
      .filter(piece => piece.lines.length > 1)
      .map((piece, i) => ({
        id: `tag:${tag}${i > 0 ? ` ${i + 1}` : ""}`,
        tag,
        color: color % COLORS,
        lines: piece.lines.map(one => one.line.id),
        ways: [...piece.lines.flatMap(one => one.line.ways), ...piece.steps],
        at: central(piece.lines),
      })),
  );
}
