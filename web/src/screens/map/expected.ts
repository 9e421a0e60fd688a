// When the jobs that run are expected to end: the forecasts of the runs under way, joined.

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { forecastWith } from "@/api/queries";
import type { Estate, MapMember } from "@/api/types";
import { shownTask } from "@/state/states";
import type { Expected } from "./picture";

const isRunning = (member: MapMember) => shownTask(member.state).look === "running";

/** The runs with jobs at work, and which jobs these are. */
function underWay(estate: Estate) {
  return estate.dags.flatMap(dag => {
    const atWork = dag.jobs.flatMap(job => job.members.filter(isRunning).map(member => member.id));
    return dag.run && atWork.length > 0 ? [{ dag, run: dag.run.dag_run_id, atWork }] : [];
  });
}

export function useExpected(estate: Estate): Expected {
  const runs = useMemo(() => underWay(estate), [estate]);
  const answers = useQueries({
    queries: runs.map(({ dag, run, atWork }) => forecastWith(dag.dag_id, run, atWork)),
    combine: all => all.map(one => one.data),
  });
  return useMemo(() => {
    const ends: Expected = new Map();
    answers.forEach((answer, i) => {
      const dag = runs[i]?.dag;
      for (const job of answer?.jobs ?? []) {
        const lane = job.lane ? `[${job.lane}]` : "";
        if (dag && job.end) ends.set(`job:${dag.dag_id}/${job.job_id}${lane}`, job.end);
      }
    });
    return ends;
  }, [answers, runs]);
}
