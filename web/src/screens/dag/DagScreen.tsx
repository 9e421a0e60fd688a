import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { PauseDag, TriggerDag } from "@/actions/dags";
import { dagDetails } from "@/api/queries";
import type { DagDetails } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { Card, Facts, Page } from "@/parts/Page";
import { Views, viewOf } from "@/parts/Views";
import { Waiting } from "@/parts/Waiting";
import { State } from "@/state/State";
import { When } from "@/time/When";
import { GridView } from "./GridView";

const GraphView = lazy(() => import("./GraphView"));
const GanttView = lazy(() => import("./GanttView"));
const CalendarView = lazy(() => import("./CalendarView"));
const DurationsView = lazy(() => import("./DurationsView"));
const RunsView = lazy(() => import("./RunsView"));
const CodeView = lazy(() => import("./CodeView"));
const DetailsView = lazy(() => import("./DetailsView"));

const VIEWS = [
  ["grid", "Grid"],
  ["graph", "Graph"],
  ["gantt", "Gantt"],
  ["calendar", "Calendar"],
  ["durations", "Durations"],
  ["runs", "Runs"],
  ["code", "Code"],
  ["details", "Details"],
] as const;

export function DagScreen() {
  const { dag: id } = useParams({ from: "/shell/dags/$dag" });
  const { view: named, run } = useSearch({ from: "/shell/dags/$dag" });
  const details = useQuery(dagDetails(id));
  const view = viewOf(VIEWS, named);
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
            <Views label="Views of the DAG" of={VIEWS} now={view} keep={{ run }} />
            <Suspense fallback={<Waiting />}>
              {view === "grid" && <GridView dag={dag} />}
              {view === "graph" && <GraphView dag={dag} />}
              {view === "gantt" && <GanttView dag={dag} />}
              {view === "calendar" && <CalendarView dag={dag} />}
              {view === "durations" && <DurationsView dag={dag} />}
              {view === "runs" && <RunsView dag={dag} />}
              {view === "code" && <CodeView dag={dag} />}
              {view === "details" && <DetailsView dag={dag} />}
            </Suspense>
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
