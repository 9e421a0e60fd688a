import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ClearRun } from "@/actions/dags";
import { AbortRun, MarkRunSuccess, NoteRun } from "@/actions/runs";
import { attemptsOf, run as runQuery, tasksOf } from "@/api/queries";
import type { Run } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { DagLink } from "@/parts/links";
import { Card, Facts, Page } from "@/parts/Page";
import { Views, viewOf } from "@/parts/Views";
import { Waiting } from "@/parts/Waiting";
import { joined } from "@/parts/waited";
import { jobsOf } from "@/state/jobs";
import { State } from "@/state/State";
import { Took, When } from "@/time/When";
import { JobsOfRun, StateSelect } from "./JobsOfRun";

const GanttOfRun = lazy(() => import("./GanttOfRun"));
const Lanes = lazy(() => import("./Lanes"));
const HistoryOfRun = lazy(() => import("./HistoryOfRun"));

const VIEWS = [
  ["jobs", "Jobs"],
  ["lanes", "Lanes"],
  ["gantt", "Gantt"],
  ["history", "History"],
] as const;

export function RunScreen() {
  const { dag, run: id } = useParams({ from: "/shell/dags/$dag/runs/$run" });
  const run = useQuery(runQuery(dag, id));
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
      actions={run.data && <RunActions run={run.data} />}
    >
      <Answer of={run}>
        {of => (
          <>
            <Card>
              <Facts of={factsOf(of)} />
            </Card>
            <Body run={of} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function RunActions({ run }: { run: Run }) {
  const isOver = run.state === "success" || run.state === "failed";
  return (
    <>
      {run.state === "failed" && <ClearRun dag={run.dag_id} run={run.dag_run_id} />}
      {!isOver && (
        <>
          <AbortRun run={run} />
          <MarkRunSuccess run={run} />
        </>
      )}
      <NoteRun run={run} />
    </>
  );
}

function Body({ run }: { run: Run }) {
  const { view: named } = useSearch({ from: "/shell/dags/$dag/runs/$run" });
  const tasks = useQuery(tasksOf(run.dag_id, run.dag_run_id));
  const attempts = useQuery(attemptsOf(run.dag_id, run.dag_run_id));
  const hasLanes = (tasks.data ?? []).some(task => task.lane_id !== null);
  const views = VIEWS.filter(([view]) => view !== "lanes" || hasLanes);
  const view = viewOf(views, named);
  return (
    <>
      <Views label="Views of the run" of={views} now={view} />
      <Card title={VIEWS.find(one => one[0] === view)?.[1]} beside={view === "jobs" && <StateSelect />}>
        <Suspense fallback={<Waiting />}>
          {view === "gantt" && <GanttOfRun run={run} />}
          {view === "history" && <HistoryOfRun run={run} />}
          {(view === "jobs" || view === "lanes") && (
            <Answer of={joined(tasks, attempts)}>
              {([list, tries]) =>
                view === "lanes" ? (
                  <Lanes jobs={jobsOf(list)} />
                ) : (
                  <JobsOfRun run={run} jobs={jobsOf(list)} attempts={tries} />
                )
              }
            </Answer>
          )}
        </Suspense>
      </Card>
    </>
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
