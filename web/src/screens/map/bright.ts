// What stays bright on the map while the rest is dimmed.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { runForecast } from "@/api/queries";
import type { Estate, MapDag } from "@/api/types";
import { inFocus, type Way } from "./focus";

/** The DAG that an id of the map belongs to. */
export const dagOf = (estate: Estate, id: string | undefined): MapDag | undefined =>
  estate.dags.find(dag => dag.id === id || dag.jobs.some(job => job.id === id));

/** Nothing: all is bright. */
export function useBright(
  estate: Estate,
  focus: string | undefined,
  way: string | undefined,
): Set<string> | null {
  const dag = dagOf(estate, focus);
  const run = dag?.run?.dag_run_id ?? "";
  const path = useQuery({
    ...runForecast(dag?.dag_id ?? "", run),
    enabled: way === "critical" && run !== "",
    retry: false,
  }).data?.critical_path;
  return useMemo(() => {
    if (!focus || !way) return null;
    if (way !== "critical") return inFocus(estate, focus, way as Way);
    return new Set(path?.map(job => `job:${job.dag_id}/${job.job_id}`));
  }, [estate, focus, way, path]);
}
