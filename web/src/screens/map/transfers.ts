// Where DAGs depend on each other at some stations, with which data intervals are meant. Pure.

import type { Estate, MapEdge } from "@/api/types";

export interface Transfer {
  id: string;
  /** The other end. */
  to: string;
  name: string;
  words: string;
  isAfter: boolean;
}

const KINDS: MapEdge["kind"][] = ["cross_dag", "trigger", "produces", "reads", "asset"];

/** Which data intervals of the other DAG an edge means. */
export function windowWords(edge: MapEdge): string {
  const back = edge.offset ? `, ${edge.offset} earlier` : "";
  switch (edge.window) {
    case "latest_due":
      return `the latest data interval that is due${back}`;
    case "same_interval":
      return `the same data interval${back}`;
    case "covers":
      return `all data intervals inside its own${back}`;
    case "within":
      return `the latest data interval, not older than ${edge.within}${back}`;
    case undefined:
      break;
  }
  if (edge.kind === "trigger") return "triggers a run";
  if (edge.kind === "produces") return "writes the asset";
  return edge.kind === "reads" ? "reads the asset" : "the asset makes a run";
}

const nameOf = (id: string) => id.replace(/^[a-z]+:/, "").replace("/", " / ");

export function transfersOf(estate: Estate, ids: string[]): Transfer[] {
  const own = new Set(ids);
  return estate.edges
    .filter(edge => KINDS.includes(edge.kind) && own.has(edge.from) !== own.has(edge.to))
    .map(edge => {
      const isAfter = own.has(edge.from);
      const to = isAfter ? edge.to : edge.from;
      return { id: edge.id, to, name: nameOf(to), words: windowWords(edge), isAfter };
    });
}
