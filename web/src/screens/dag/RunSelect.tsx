// Which run a view of the DAG shows: the address names it, else it is the latest.

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { runsOf } from "@/api/queries";
import type { Run } from "@/api/types";
import { shownTask } from "@/state/states";
import { useNow } from "@/time/clock";
import { shortWords } from "@/time/words";
import { useZone } from "@/time/zone";

const OFFERED = 100;

export const useRuns = (dag: string) => useQuery(runsOf(dag, OFFERED));

export function useChosenRun(runs: Run[] | undefined): Run | undefined {
  const { run } = useSearch({ from: "/shell/dags/$dag" });
  return runs?.find(one => one.dag_run_id === run) ?? runs?.[0];
}

export function RunSelect({ runs, chosen }: { runs: Run[]; chosen: Run | undefined }) {
  const navigate = useNavigate({ from: "/dags/$dag" });
  const now = useNow();
  const zone = useZone();
  return (
    <Select
      size="xs"
      aria-label="Run"
      searchable
      allowDeselect={false}
      data={runs.map(run => ({
        value: run.dag_run_id,
        label: `${shortWords(Date.parse(run.logical_date ?? run.run_after), now, zone)}, ${shownTask(run.state).word}`,
      }))}
      value={chosen?.dag_run_id ?? null}
      onChange={run => navigate({ search: old => ({ ...old, run: run ?? undefined }), replace: true })}
    />
  );
}
