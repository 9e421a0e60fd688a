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
  let first = 0;
  let last = 1;
  for (const [start, way, low, high] of [
    [from[0], to[0] - from[0], box.x, box.x + box.width],
    [from[1], to[1] - from[1], box.y, box.y + box.height],
  ] as const) {
    if (way === 0) {
      if (start <= low || start >= high) return false;
      continue;
    }
    const [a, b] = [(low - start) / way, (high - start) / way];
    first = Math.max(first, Math.min(a, b));
    last = Math.min(last, Math.max(a, b));
  }
  return first < last;
}

const SQUARE = 64;

/** What is where, by squares. */
export class Squares<T> {
  private readonly items = new Map<number, Set<T>>();

  add(box: Box, item: T) {
    for (const key of keysOf(box)) {
      const found = this.items.get(key);
      if (found) found.add(item);
      else this.items.set(key, new Set([item]));
    }
  }
  remove(box: Box, item: T) {
    for (const key of keysOf(box)) this.items.get(key)?.delete(item);
  }
  near(box: Box): Set<T> {
    const found = new Set<T>();
    for (const key of keysOf(box)) for (const item of this.items.get(key) ?? []) found.add(item);
    return found;
  }
}

const ROW = 1 << 16;

function* keysOf(box: Box) {
  const square = (at: number) => Math.floor(at / SQUARE);
  for (let y = square(box.y); y <= square(box.y + box.height); y += 1)
    for (let x = square(box.x); x <= square(box.x + box.width); x += 1) yield y * ROW + x;
}
