import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { runsOf } from "@/api/queries";
import type { DagDetails } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { Card } from "@/parts/Page";
import { Grid } from "./Grid";
import { NoRuns } from "./NoRuns";

export const RUNS_MOST = 1000;

export function GridView({ dag }: { dag: DagDetails }) {
  const { runs: state } = useSearch({ from: "/shell/dags/$dag" });
  const navigate = useNavigate({ from: "/dags/$dag" });
  const runs = useQuery(runsOf(dag.dag_id, RUNS_MOST, state));
  return (
    <Card
      title="Runs and jobs"
      beside={
        <Select
          size="xs"
          aria-label="State of the runs"
          placeholder="All runs"
          clearable
          data={["running", "success", "failed", "queued"]}
          value={state ?? null}
          onChange={value =>
            navigate({ search: old => ({ ...old, runs: value ?? undefined }), replace: true })
          }
        />
      }
    >
      <Answer of={runs}>
        {list =>
          list.length === 0 ? (
            <NoRuns dag={dag} isFiltered={state !== undefined} />
          ) : (
            <Grid jobs={dag.jobs} runs={list} />
          )
        }
      </Answer>
    </Card>
  );
}
