// A drawing that moves without being drawn again: the browser's compositor moves and scales what is
// there, which costs the page nothing. It is drawn again when it rests, or has gone too far. Pure.

import type { View } from "./view";

/** The drawing is larger than its frame by this share of it on each side: that much may come into sight. */
export const BEYOND = 0.5;
// What is there is scaled by so much at the most: larger it would be blurred, smaller its edge would show for long.
const LARGEST_BY = 4;
const SMALLEST_BY = 0.3;

/** What takes a drawing of one view to where another view has it: first scaled, then moved. */
export interface Move {
  x: number;
  y: number;
  by: number;
}

export function moveOf(drawn: View, wanted: View): Move {
  const by = wanted.scale / drawn.scale;
  return { by, x: wanted.x - by * drawn.x, y: wanted.y - by * drawn.y };
}

/** Whether the drawing still fills the frame, or nearly, where it has moved to. */
export function isEnough(move: Move, frame: { width: number; height: number }): boolean {
  if (move.by < SMALLEST_BY || move.by > LARGEST_BY) return false;
  // While one zooms out its edges may come into sight, evenly; a pan never shows them.
  const slack = Math.max(0, 1 - move.by * (1 + 2 * BEYOND)) + 1e-6;
  const covers = (at: number, size: number) =>
    move.by * -BEYOND * size + at <= slack * size && move.by * (1 + BEYOND) * size + at >= (1 - slack) * size;
  return covers(move.x, frame.width) && covers(move.y, frame.height);
}
