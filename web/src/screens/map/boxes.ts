// Boxes and straight stretches on a plane, and what is near a box. Pure.

import type { Point } from "@/api/types";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const around = ([x, y]: Point, width: number, height: number): Box => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
});

/** Around all of these, and at least so large. */
export function boxAround(points: Point[], least: number): Box {
  const [xs, ys] = [points.map(p => p[0]), points.map(p => p[1])];
  const middle: Point = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  const size = (values: number[]) => Math.max(...values) - Math.min(...values) + least;
  return around(middle, size(xs), size(ys));
}

export const meets = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export const isWithin = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

export interface Stretch {
  from: Point;
  to: Point;
}

export const boxOf = ({ from, to }: Stretch): Box => ({
  x: Math.min(from[0], to[0]),
  y: Math.min(from[1], to[1]),
  width: Math.abs(from[0] - to[0]),
  height: Math.abs(from[1] - to[1]),
});

/** Whether a part of the stretch lies in the box. */
export function passes({ from, to }: Stretch, box: Box): boolean {
  const across = within(from[0], to[0], box.x, box.x + box.width);
  const down = within(from[1], to[1], box.y, box.y + box.height);
  return Math.max(across[0], down[0]) < Math.min(across[1], down[1]);
}

/** From which share of the way until which one is between two values; the wrong way round: never. */
function within(start: number, end: number, low: number, high: number): [number, number] {
  if (start === end) return start > low && start < high ? [0, 1] : [1, 0];
  const [a, b] = [(low - start) / (end - start), (high - start) / (end - start)];
  return [Math.max(0, Math.min(a, b)), Math.min(1, Math.max(a, b))];
}

const SQUARE = 64;
const ROW = 1 << 16;

/** What is where, by squares. */
export class Squares<T> {
  private readonly squares = new Map<number, Set<T>>();

  add(box: Box, item: T) {
    each(box, key => {
      const found = this.squares.get(key);
      if (found) found.add(item);
      else this.squares.set(key, new Set([item]));
    });
  }
  remove(box: Box, item: T) {
    each(box, key => this.squares.get(key)?.delete(item));
  }
  /** Visits what is near; some of it more than once. */
  near(box: Box, visit: (item: T) => void) {
    each(box, key => this.squares.get(key)?.forEach(visit));
  }
}

function each(box: Box, visit: (key: number) => void) {
  const [left, top] = [Math.floor(box.x / SQUARE), Math.floor(box.y / SQUARE)];
  const [right, bottom] = [
    Math.floor((box.x + box.width) / SQUARE),
    Math.floor((box.y + box.height) / SQUARE),
  ];
  for (let y = top; y <= bottom; y += 1) for (let x = left; x <= right; x += 1) visit(y * ROW + x);
}
