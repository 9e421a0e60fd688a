// What the wall shows one after the other: the whole, then each line that needs somebody. Pure.

import type { MapDag } from "@/api/types";
import { shownTask } from "@/state/states";
import { type Box, boxAround } from "../boxes";
import type { Line } from "../picture";
import { CELL } from "../plan";

export const WHOLE = "whole";
const HALTS_MOST = 12;
const AROUND = 24 * CELL;

/** The higher, the sooner somebody is needed; 0: nobody is. */
export function needOf(line: Line): number {
  if (line.urgency === "late") return 4;
  const { look } = shownTask(line.state);
  if (look === "failed") return 3;
  if (line.urgency === "risk") return 2;
  return look === "retry" || look === "upstream" ? 1 : 0;
}

export function tourOf(lines: Line[]): string[] {
  const halts = lines
    .filter(line => needOf(line) > 0)
    .sort((a, b) => needOf(b) - needOf(a) || a.dag.localeCompare(b.dag))
    .slice(0, HALTS_MOST);
  return [WHOLE, ...halts.map(line => line.id)];
}

/** What comes after this halt. One that is not in the tour any more is followed by the whole. */
export function nextHalt(tour: string[], halt: string): string {
  const place = tour.indexOf(halt);
  return tour[(place + 1) % tour.length] ?? WHOLE;
}

const SLICES_MOST = 4;

/** The map from left to right, in as many parts as a narrow screen needs to show it large. */
export function slicesOf(box: Box, screen: { width: number; height: number }): Box[] {
  const wide = box.width / box.height / (screen.width / screen.height);
  const count = Math.max(1, Math.min(SLICES_MOST, Math.round(wide)));
  const width = box.width / count;
  return Array.from({ length: count }, (_, i) => ({ ...box, x: box.x + i * width, width }));
}

/** With its neighbours. */
export const boxOfLine = ({ plan }: Line): Box => boxAround(plan.ways.flat(), AROUND);

/** The jobs for which the wall stops at a DAG. */
export function troubleOf(dag: MapDag): { job: string; word: string }[] {
  return dag.jobs.flatMap(job =>
    job.members.flatMap(member => {
      const { look, word } = shownTask(member.state);
      return look === "failed" || look === "retry" ? [{ job: member.display_name, word }] : [];
    }),
  );
}
