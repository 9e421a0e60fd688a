// What a few letters may mean: DAGs, jobs, clusters and screens by name, the closest first. Pure.

import type { Estate } from "@/api/types";
import type { Place } from "./places";

export interface Found {
  id: string; // the map's
  kind: "DAG" | "job" | "cluster" | "screen";
  name: string;
  within: string;
  dag: string;
  cluster?: string;
  to?: string; // of a screen
}

const MOST = 12;

export function everything(estate: Estate): Found[] {
  const all: Found[] = [];
  for (const dag of estate.dags) {
    all.push({ id: dag.id, kind: "DAG", name: dag.dag_id, within: dag.tags.join(", "), dag: dag.dag_id });
    for (const job of dag.jobs) {
      all.push({ id: job.id, kind: "job", name: job.job_id, within: dag.dag_id, dag: dag.dag_id });
      for (const member of job.members) {
        const cluster = member.cluster?.cluster_id;
        if (cluster)
          all.push({
            id: job.id,
            kind: "cluster",
            name: cluster,
            within: `${dag.dag_id} / ${member.display_name}`,
            dag: dag.dag_id,
            cluster,
          });
      }
    }
  }
  return all;
}

export const screensAmong = (places: Pick<Place, "to" | "name" | "about">[]): Found[] =>
  places.map(({ to, name, about }) => ({ id: to, kind: "screen", name, within: about, dag: "", to }));

/** 0: not at all. */
function fit(found: Found, words: string[]): number {
  const name = found.name.toLowerCase();
  const whole = `${found.within} ${found.name}`.toLowerCase();
  if (!words.every(word => whole.includes(word))) return 0;
  const [first = ""] = words;
  const closeness = name === first ? 4 : name.startsWith(first) ? 3 : name.includes(first) ? 2 : 1;
  return closeness + (found.kind === "DAG" ? 0.5 : 0);
}

export function find(all: Found[], text: string): Found[] {
  const words = text
    .toLowerCase()
    .split(/[\s/]+/)
    .filter(Boolean);
  return all
    .map(found => ({ found, score: words.length ? fit(found, words) : found.kind === "DAG" ? 1 : 0 }))
    .filter(one => one.score > 0)
    .sort((a, b) => b.score - a.score || a.found.name.localeCompare(b.found.name))
    .slice(0, MOST)
    .map(one => one.found);
}
