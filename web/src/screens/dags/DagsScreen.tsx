import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { dags, recentRuns } from "@/api/queries";
import type { Dag, RecentRun } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { DagLink, RunLink } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { RunBars } from "@/parts/RunBars";
import { Table } from "@/parts/Table";
import { State } from "@/state/State";
import { When } from "@/time/When";
import classes from "./Dags.module.css";

const BARS = 14;

interface Filters {
  q?: string;
  tag?: string;
  state?: string;
}

const fits = (dag: Dag, { q = "", tag, state }: Filters) =>
  dag.dag_id.toLowerCase().includes(q.toLowerCase()) &&
  (!tag || dag.tags.some(one => one.name === tag)) &&
  (!state || (state === "paused" ? dag.is_paused : dag.last_run_state === state));

export function DagsScreen() {
  const all = useQuery(dags());
  const runs = useQuery(recentRuns(BARS));
  const filters = useSearch({ from: "/shell/dags" });
  const navigate = useNavigate({ from: "/dags" });
  const set = (change: Filters) => navigate({ search: { ...filters, ...change }, replace: true });
  const byDag = Map.groupBy(runs.data ?? [], run => run.dag_id);
  return (
    <Page
      title="DAGs"
      beside={all.data && <span className={classes.soft}>{all.data.length} in the project</span>}
    >
      <Card>
        <Answer of={all}>
          {list => (
            <>
              <div className={classes.filters}>
                <TextInput
                  aria-label="Part of a name"
                  placeholder="Part of a name"
                  value={filters.q ?? ""}
                  onChange={event => set({ q: event.currentTarget.value || undefined })}
                />
                <Select
                  aria-label="Tag"
                  placeholder="Any tag"
                  clearable
                  data={[...new Set(list.flatMap(dag => dag.tags.map(tag => tag.name)))].sort()}
                  value={filters.tag ?? null}
                  onChange={tag => set({ tag: tag ?? undefined })}
                />
                <Select
                  aria-label="State of the latest run"
                  placeholder="Any state"
                  clearable
                  data={["running", "success", "failed", "queued", "paused"]}
                  value={filters.state ?? null}
                  onChange={state => set({ state: state ?? undefined })}
                />
              </div>
              <DagTable
                dags={list.filter(dag => fits(dag, filters))}
                runs={byDag}
                isAll={list.length === 0}
              />
            </>
          )}
        </Answer>
      </Card>
    </Page>
  );
}

function DagTable({
  dags: rows,
  runs,
  isAll,
}: {
  dags: Dag[];
  runs: Map<string, RecentRun[]>;
  isAll: boolean;
}) {
  if (rows.length === 0)
    return isAll ? (
      <Empty title="There are no DAGs yet.">
        Put a file into the project's folder dags/, and it appears here.
      </Empty>
    ) : (
      <Empty title="No DAG fits the filters." />
    );
  return (
    <Table
      label="DAGs"
      rows={rows}
      rowKey={dag => dag.dag_id}
      columns={[
        {
          name: "DAG",
          kind: "long",
          of: dag => (
            <>
              <DagLink dag={dag.dag_id} />
              {dag.description && <div className={classes.soft}>{dag.description}</div>}
            </>
          ),
        },
        {
          name: "Latest runs",
          of: dag =>
            dag.last_run_id ? (
              <RunBars runs={runs.get(dag.dag_id) ?? []} most={BARS} />
            ) : (
              <span className={classes.soft}>none yet</span>
            ),
        },
        {
          name: "Latest",
          kind: "nowrap",
          of: dag =>
            dag.last_run_id ? (
              <RunLink dag={dag.dag_id} run={dag.last_run_id}>
                <State of={dag.last_run_state} />
              </RunLink>
            ) : (
              <span className={classes.soft}>–</span>
            ),
        },
        {
          name: "Schedule",
          kind: "soft",
          of: dag => <span title={dag.timetable_description ?? ""}>{dag.timetable_summary ?? "none"}</span>,
        },
        {
          name: "Next run",
          kind: "nowrap",
          of: dag =>
            dag.is_paused ? (
              <span className={classes.paused}>paused</span>
            ) : (
              <When at={dag.next_dagrun_run_after} as="both" />
            ),
        },
        {
          name: "Tags",
          kind: "nowrap",
          of: dag => <span className={classes.soft}>{dag.tags.map(tag => tag.name).join(", ")}</span>,
        },
      ]}
    />
  );
}
