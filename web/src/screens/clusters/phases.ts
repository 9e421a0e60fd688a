// What a cluster was, one after the other, of the rows of its history. Pure.

import type { HistoryRow } from "@/api/types";

export interface Phase {
  state: string;
  from: number;
  to: number;
}

/** `rows` in the order of their time; what was before the first of them is STARTING. */
export function phasesOf(rows: HistoryRow[], from: number, to: number): Phase[] {
  const phases: Phase[] = [{ state: "STARTING", from, to }];
  for (const row of rows) {
    if (row.kind !== "cluster") continue;
    const at = Math.max(from, Math.min(to, Date.parse(row.at)));
    const last = phases.at(-1);
    if (!last || row.to === last.state) continue;
    last.to = at;
    phases.push({ state: row.to, from: at, to });
  }
  return phases.filter(phase => phase.to > phase.from);
}
