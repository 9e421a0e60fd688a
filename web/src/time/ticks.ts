// Round values for the axes of charts. Pure.

import { aheadOf } from "./local";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 5, 15, 30].map(n => n * SECOND),
  ...[1, 5, 15, 30].map(n => n * MINUTE),
  ...[1, 2, 3, 6, 12].map(n => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map(n => n * DAY),
];

const stepFor = (span: number, most: number) =>
  STEPS.find(step => span / step <= most) ?? Math.ceil(span / most / (364 * DAY)) * 364 * DAY;

/** Moments between two, at full hours or days of the zone; at most so many. */
export function momentTicks(from: number, to: number, most: number, zone: string): number[] {
  const step = stepFor(to - from, most);
  const ahead = aheadOf(from, zone);
  const ticks: number[] = [];
  for (let at = Math.ceil((from + ahead) / step) * step - ahead; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** Spans from 0 to at least the longest one. */
export function spanTicks(longest: number, most: number): number[] {
  const step = stepFor(Math.max(longest, SECOND), most);
  const ticks = [0];
  while ((ticks.at(-1) ?? 0) < longest) ticks.push(ticks.length * step);
  return ticks;
}
