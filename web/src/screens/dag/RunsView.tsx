import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { runsOf } from "@/api/queries";
import type { DagDetails, Run } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { RunLink } from "@/parts/links";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { State } from "@/state/State";
import { dayOf } from "@/time/local";
import { Took, When } from "@/time/When";
import { useZone } from "@/time/zone";
import { Backfills } from "./Backfills";
import { dateOfRun } from "./calendar";
import classes from "./Durations.module.css";
import { RUNS_MOST } from "./GridView";
import { NoRuns } from "./NoRuns";

const SHOWN = 200;

export default function RunsView({ dag }: { dag: DagDetails }) {
  const { runs: state, kind, day } = useSearch({ from: "/shell/dags/$dag" });
  const navigate = useNavigate({ from: "/dags/$dag" });
  const runs = useQuery(runsOf(dag.dag_id, RUNS_MOST));
  const zone = useZone();
  const set = (change: { runs?: string; kind?: string; day?: string }) =>
    navigate({ search: old => ({ ...old, ...change }), replace: true });
  const fits = (run: Run) =>
    (!state || run.state === state) &&
    (!kind || run.run_type === kind) &&
    (!day || dayOf(Date.parse(dateOfRun(run)), zone) === day);
  return (
    <>
      <Card title="Runs">
        <div className={classes.choice}>
          <Select
            size="xs"
            aria-label="State of the runs"
            placeholder="Any state"
            clearable
            data={["running", "success", "failed", "queued"]}
            value={state ?? null}
            onChange={value => set({ runs: value ?? undefined })}
          />
          <Select
            size="xs"
            aria-label="Kind of the runs"
            placeholder="Any kind"
            clearable
            data={[...new Set((runs.data ?? []).map(run => run.run_type))].sort()}
            value={kind ?? null}
            onChange={value => set({ kind: value ?? undefined })}
          />
          <TextInput
            size="xs"
            type="date"
            aria-label="Day of the logical date"
            value={day ?? ""}
            onChange={event => set({ day: event.currentTarget.value || undefined })}
          />
        </div>
        <Answer of={runs}>
          {list => {
            const shown = list.filter(fits);
            if (shown.length === 0) return <NoRuns dag={dag} isFiltered={list.length > 0} />;
            return (
              <>
                <RunsTable runs={shown.slice(0, SHOWN)} />
                {shown.length > SHOWN && (
                  <p>
                    The newest {SHOWN} of {shown.length} are shown.
                  </p>
                )}
              </>
            );
          }}
        </Answer>
      </Card>
      <Backfills dag={dag.dag_id} />
    </>
  );
}

const RunsTable = ({ runs }: { runs: Run[] }) => (
  <Table
    label="Runs"
    rows={runs}
    rowKey={run => run.dag_run_id}
    columns={[
      {
        name: "Logical date",
        kind: "nowrap",
        of: run => (
          <RunLink dag={run.dag_id} run={run.dag_run_id}>
            {run.logical_date ? <When at={run.logical_date} as="short" /> : run.dag_run_id}
          </RunLink>
        ),
      },
      { name: "State", kind: "nowrap", of: run => <State of={run.state} /> },
      {
        name: "Kind",
        kind: "soft",
        of: run =>
          run.triggering_user_name ? `${run.run_type}, by ${run.triggering_user_name}` : run.run_type,
      },
      { name: "Begun", kind: "nowrap", of: run => <When at={run.start_date} as="both" /> },
      { name: "Took", kind: "number", of: run => <Took from={run.start_date} to={run.end_date} /> },
      { name: "Note", kind: "long", of: run => run.note ?? "" },
    ]}
  />
);
