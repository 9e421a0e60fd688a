// What a station depends on, and what depends on it, over the lines of all DAGs. Pure.

import type { Estate } from "@/api/types";

export type Way = "both" | "up" | "down";

/** The ends of an edge stand for stations; a DAG's own id for all of its jobs. */
function neighbours(estate: Estate, isUp: boolean): Map<string, string[]> {
  const jobsOf = new Map(estate.dags.map(dag => [dag.id, dag.jobs.map(job => job.id)]));
  const ends = (id: string) => jobsOf.get(id) ?? [id];
  const next = new Map<string, string[]>();
  for (const edge of estate.edges) {
    const [from, to] = isUp ? [edge.to, edge.from] : [edge.from, edge.to];
    for (const one of ends(from)) next.set(one, [...(next.get(one) ?? []), ...ends(to)]);
  }
  return next;
}

function reach(start: string[], next: Map<string, string[]>): Set<string> {
  const seen = new Set(start);
  const open = [...start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of next.get(id) ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      open.push(other);
    }
  }
  return seen;
}

/** The ids that stay bright while this one is in focus. */
export function inFocus(estate: Estate, id: string, way: Way): Set<string> {
  const dag = estate.dags.find(one => one.id === id);
  const start = dag ? [dag.id, ...dag.jobs.map(job => job.id)] : [id];
  const bright = new Set(start);
  for (const isUp of [true, false]) {
    if (way === (isUp ? "down" : "up")) continue;
    for (const one of reach(start, neighbours(estate, isUp))) bright.add(one);
  }
  return bright;
}
