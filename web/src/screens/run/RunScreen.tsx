import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ClearRun } from "@/actions/dags";
import { attemptsOf, run as runQuery, tasksOf } from "@/api/queries";
import type { Run } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { DagLink } from "@/parts/links";
import { Card, Facts, Page } from "@/parts/Page";
import { joined } from "@/parts/waited";
import { jobsOf } from "@/state/jobs";
import { State } from "@/state/State";
import { shownTask } from "@/state/states";
import { Took, When } from "@/time/When";
import { JobsTable } from "./JobsTable";

export function RunScreen() {
  const { dag, run: id } = useParams({ from: "/shell/dags/$dag/runs/$run" });
  const { state } = useSearch({ from: "/shell/dags/$dag/runs/$run" });
  const navigate = useNavigate({ from: "/dags/$dag/runs/$run" });
  const run = useQuery(runQuery(dag, id));
  const tasks = useQuery(tasksOf(dag, id));
  const attempts = useQuery(attemptsOf(dag, id));
  return (
    <Page
      title={run.data ? <RunName run={run.data} /> : id}
      above={
        <>
          <Link to="/dags">DAGs</Link>
          <DagLink dag={dag} />
        </>
      }
      beside={run.data && <State of={run.data.state} />}
      actions={run.data?.state === "failed" && <ClearRun dag={dag} run={id} />}
    >
      <Answer of={run}>
        {of => (
          <>
            <Card>
              <Facts of={factsOf(of)} />
            </Card>
            <Card
              title="Jobs"
              beside={
                <Select
                  size="xs"
                  aria-label="State of the jobs"
                  placeholder="All jobs"
                  clearable
                  data={["running", "success", "failed", "queued", "up_for_retry", "upstream_failed"].map(
                    value => ({
                      value,
                      label: shownTask(value as "running").word,
                    }),
                  )}
                  value={state ?? null}
                  onChange={value => navigate({ search: { state: value ?? undefined }, replace: true })}
                />
              }
            >
              <Answer of={joined(tasks, attempts)}>
                {([list, tries]) => {
                  const jobs = jobsOf(list).filter(job => !state || job.state === state);
                  if (jobs.length === 0)
                    return (
                      <Empty title={state ? "No job of this run is in that state." : "It has no jobs."} />
                    );
                  return <JobsTable jobs={jobs} attempts={tries} run={of} />;
                }}
              </Answer>
            </Card>
          </>
        )}
      </Answer>
    </Page>
  );
}

/** By what it is about, if it has a date; its id stands below. */
function RunName({ run }: { run: Run }) {
  return run.logical_date ? (
    <>
      {run.dag_id}, <When at={run.logical_date} as="short" />
    </>
  ) : (
    run.dag_run_id
  );
}

function factsOf(run: Run): [string, React.ReactNode][] {
  const hasConf = run.conf && Object.keys(run.conf).length > 0;
  return [
    ["Run", <code key="i">{run.dag_run_id}</code>],
    ["Kind", run.triggering_user_name ? `${run.run_type}, by ${run.triggering_user_name}` : run.run_type],
    ["Data from", <When key="f" at={run.data_interval_start} as="short" />],
    ["Data until", <When key="u" at={run.data_interval_end} as="short" />],
    ["Begun", <When key="b" at={run.start_date} as="both" />],
    ["Ended", <When key="e" at={run.end_date} as="both" />],
    ["Took", <Took key="t" from={run.start_date} to={run.end_date} />],
    ...(hasConf
      ? ([["Params", <code key="c">{JSON.stringify(run.conf)}</code>]] as [string, React.ReactNode][])
      : []),
    ...(run.note ? ([["Note", run.note]] as [string, string][]) : []),
  ];
}
