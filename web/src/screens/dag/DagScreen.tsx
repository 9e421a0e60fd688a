import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PauseDag, TriggerDag } from "@/actions/dags";
import { dagDetails, runsOf } from "@/api/queries";
import type { DagDetails } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { Card, Facts, Page } from "@/parts/Page";
import { State } from "@/state/State";
import { When } from "@/time/When";
import { Grid } from "./Grid";

const RUNS_MOST = 1000;

export function DagScreen() {
  const { dag: id } = useParams({ from: "/shell/dags/$dag" });
  const { runs: state } = useSearch({ from: "/shell/dags/$dag" });
  const navigate = useNavigate({ from: "/dags/$dag" });
  const details = useQuery(dagDetails(id));
  const runs = useQuery(runsOf(id, RUNS_MOST, state));
  return (
    <Page
      title={id}
      above={
        <>
          <Link to="/dags">DAGs</Link>
          <Link to="/" search={{ focus: `dag:${id}` }}>
            on the map
          </Link>
        </>
      }
      beside={
        <span>
          {details.data?.is_paused && "paused. "}
          {details.data?.description}
        </span>
      }
      actions={
        <>
          {details.data && <PauseDag dag={id} isPaused={details.data.is_paused} />}
          <TriggerDag dag={id} />
        </>
      }
    >
      <Answer of={details}>
        {dag => (
          <>
            <Card>
              <Facts of={factsOf(dag)} />
            </Card>
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
                  onChange={value => navigate({ search: { runs: value ?? undefined }, replace: true })}
                />
              }
            >
              <Answer of={runs}>
                {list =>
                  list.length === 0 ? (
                    <Empty title={state ? "No run is in that state." : "It has not run yet."}>
                      {state
                        ? ""
                        : dag.is_paused
                          ? "It is paused: resume it, or trigger a run."
                          : "Its next run begins by the schedule; a run can be triggered at any time."}
                    </Empty>
                  ) : (
                    <Grid jobs={dag.jobs} runs={list} />
                  )
                }
              </Answer>
            </Card>
          </>
        )}
      </Answer>
    </Page>
  );
}

function factsOf(dag: DagDetails): [string, React.ReactNode][] {
  return [
    ["Latest run", dag.last_run_state ? <State key="s" of={dag.last_run_state} /> : "none yet"],
    ["Schedule", dag.timetable_description ?? dag.timetable_summary ?? "none"],
    ["Next run", dag.is_paused ? "paused" : <When key="n" at={dag.next_dagrun_run_after} as="both" />],
    ["Owners", dag.owners.join(", ") || "–"],
    ["Tags", dag.tags.map(tag => tag.name).join(", ") || "–"],
    ["Jobs", String(new Set(dag.jobs.map(job => job.job_id)).size)],
  ];
}
