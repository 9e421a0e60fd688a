// What stays bright on the map while the rest is dimmed, and the critical path that is lit.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { runForecast } from "@/api/queries";
import type { Estate, ForecastJob, MapDag } from "@/api/types";
import { inFocus, type Way } from "./focus";
import { litTracks, pathOf } from "./path";
import type { Plan } from "./plan";

/** The DAG that an id of the map belongs to. */
export const dagOf = (estate: Estate, id: string | undefined): MapDag | undefined =>
  estate.dags.find(dag => dag.id === id || dag.jobs.some(job => job.id === id));

/** The jobs that decide when the latest run of this DAG ends, the first one first. */
export function useCriticalPath(dag: MapDag | undefined, isAsked: boolean): ForecastJob[] | undefined {
  const run = dag?.run?.dag_run_id ?? "";
  return useQuery({
    ...runForecast(dag?.dag_id ?? "", run),
    enabled: isAsked && run !== "",
    retry: false,
  }).data?.critical_path;
}

/** A DAG is bright if one of its jobs is. */
function withLines(ids: Set<string>, estate: Estate): Set<string> {
  const all = new Set(ids);
  for (const dag of estate.dags) if (dag.jobs.some(job => ids.has(job.id))) all.add(dag.id);
  return all;
}

interface Shine {
  /** Nothing: all is bright. */
  bright: Set<string> | null;
  /** The stations of the critical path, and the tracks between them. */
  lit: Set<string> | null;
}

export function useShine(
  estate: Estate,
  plan: Plan,
  focus: string | undefined,
  way: string | undefined,
): Shine {
  const path = useCriticalPath(dagOf(estate, focus), way === "critical");
  return useMemo(() => {
    if (!focus || !way) return { bright: null, lit: null };
    if (way !== "critical")
      return { bright: withLines(inFocus(estate, focus, way as Way), estate), lit: null };
    if (!path?.length) return { bright: null, lit: null }; // not known yet, or the run has ended
    const jobs = pathOf(path);
    return {
      bright: withLines(new Set(jobs), estate),
      lit: new Set([...jobs, ...litTracks(jobs, estate, plan)]),
    };
  }, [estate, plan, focus, way, path]);
}
