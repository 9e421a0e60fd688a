// Polylines on the map: moved aside for parallel tracks, rounded at their bends, and measured along
// their way. Pure, in cells of the layout's grid.

import type { Point } from "@/api/types";

const SAME = 1e-6;

const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1]];
const length = (v: Point) => Math.hypot(v[0], v[1]);
const direction = (a: Point, b: Point): Point => {
  const v = minus(b, a);
  const l = length(v) || 1;
  return [v[0] / l, v[1] / l];
};

/** Without points that stand where the one before stands. */
export function distinct(points: Point[]): Point[] {
  return points.filter((p, i) => {
    const before = points[i - 1];
    return !before || length(minus(p, before)) > SAME;
  });
}

/** The line that runs beside this one at a distance: to the right of its direction if positive. */
export function aside(line: Point[], distance: number): Point[] {
  const points = distinct(line);
  if (points.length < 2 || distance === 0) return points;
  return points.map((p, i) => {
    const before = points[i - 1];
    const after = points[i + 1];
    const into = before ? direction(before, p) : direction(p, after ?? p);
    const out = after ? direction(p, after) : into;
    // Along the half of the angle, so far that both sides keep their distance.
    const half: Point = [-(into[1] + out[1]), into[0] + out[0]];
    const size = length(half);
    if (size < SAME) return [p[0] - into[1] * distance, p[1] + into[0] * distance];
    const cosine = size / 2;
    const scale = distance / (size * cosine);
    return [p[0] + half[0] * scale, p[1] + half[1] * scale];
  });
}

/** How far apart parallel tracks stand from the middle of their line, the first one first. */
export function trackOffsets(tracks: number, gap: number): number[] {
  return Array.from({ length: tracks }, (_, i) => (i - (tracks - 1) / 2) * gap);
}

const text = (n: number) => Number(n.toFixed(3)).toString();
const at = (p: Point) => `${text(p[0])} ${text(p[1])}`;

/** As an SVG path, with its bends rounded. */
export function roundedPath(line: Point[], radius: number): string {
  const points = distinct(line);
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${at(first)}`;
  rest.forEach((p, i) => {
    const before = points[i];
    const after = rest[i + 1];
    if (!before || !after) {
      path += `L${at(p)}`;
      return;
    }
    const r = Math.min(radius, length(minus(p, before)) / 2, length(minus(after, p)) / 2);
    const into = direction(before, p);
    const out = direction(p, after);
    path += `L${at([p[0] - into[0] * r, p[1] - into[1] * r])}Q${at(p)} ${at([p[0] + out[0] * r, p[1] + out[1] * r])}`;
  });
  return path;
}

export interface Place {
  at: Point;
  /** In degrees, as SVG turns. */
  angle: number;
}

/** Where one is after this share of the way. */
export function along(line: Point[], share: number): Place {
  const points = distinct(line);
  const [first] = points;
  if (!first) return { at: [0, 0], angle: 0 };
  const legs = points.slice(1).map((p, i) => ({ from: points[i] ?? p, to: p }));
  const whole = legs.reduce((sum, leg) => sum + length(minus(leg.to, leg.from)), 0);
  let left = Math.max(0, Math.min(1, share)) * whole;
  for (const [i, leg] of legs.entries()) {
    const size = length(minus(leg.to, leg.from));
    if (left <= size || i === legs.length - 1) {
      const [dx, dy] = direction(leg.from, leg.to);
      const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
      return { at: [leg.from[0] + dx * left, leg.from[1] + dy * left], angle };
    }
    left -= size;
  }
  return { at: first, angle: 0 };
}
