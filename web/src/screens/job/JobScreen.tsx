import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { JobActions } from "@/actions/jobs";
import { attemptsOf, tasksOf } from "@/api/queries";
import type { Attempt } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { ClusterLink, DagLink, RunLink } from "@/parts/links";
import { Card, Facts, Page } from "@/parts/Page";
import { Views, viewOf } from "@/parts/Views";
import { Waiting } from "@/parts/Waiting";
import { WhyBox } from "@/parts/Why";
import { type JobOfRun, jobKey, jobsOf } from "@/state/jobs";
import { State } from "@/state/State";
import { Took, When } from "@/time/When";
import { Log } from "./Log";
import { Tries } from "./Tries";

const Request = lazy(() => import("./Request"));
const ClustersOfTry = lazy(() => import("./ClustersOfTry"));
const HistoryOfJob = lazy(() => import("./HistoryOfJob"));

const VIEWS = [
  ["log", "Log"],
  ["request", "Request"],
  ["cluster", "Steps and nodes"],
  ["history", "History"],
] as const;
const TITLES = { log: "Log", request: "Request", cluster: "Steps and nodes" };

export function JobScreen() {
  const { dag, run, job: id } = useParams({ from: "/shell/dags/$dag/runs/$run/jobs/$job" });
  const { lane, index, log } = useSearch({ from: "/shell/dags/$dag/runs/$run/jobs/$job" });
  const tasks = useQuery(tasksOf(dag, run));
  const key = jobKey(id, lane ?? null, index ? Number(index) : -1);
  const job = jobsOf(tasks.data ?? []).find(one => one.key === key);
  return (
    <Page
      title={job?.name ?? id}
      above={
        <>
          <Link to="/dags">DAGs</Link>
          <DagLink dag={dag} />
          <RunLink dag={dag} run={run} />
          <Link to="/" search={{ focus: `job:${dag}/${id}` }}>
            on the map
          </Link>
        </>
      }
      beside={job && <State of={job.state} />}
      actions={job && <JobActions job={job} />}
    >
      <Answer of={tasks}>
        {() =>
          job ? <JobBody job={job} chosenTry={log ? Number(log) : job.try} /> : <NoSuchJob name={key} />
        }
      </Answer>
    </Page>
  );
}

const NoSuchJob = ({ name }: { name: string }) => (
  <Empty title={`This run has no job ${name}.`}>
    It may have another lane, or an older version of the DAG.
  </Empty>
);

function JobBody({ job, chosenTry }: { job: JobOfRun; chosenTry: number }) {
  const attempts = useQuery(attemptsOf(job.dag, job.run));
  const own = (attempts.data ?? []).filter(one => jobKey(one.job_id, one.lane_id, one.map_index) === job.key);
  return (
    <>
      <Card>
        <Facts of={factsOf(job)} />
        <WhyBox job={job} />
      </Card>
      <Card title="Tries">
        <Answer of={attempts}>
          {() =>
            own.length === 0 ? (
              <Empty title="It has not been tried yet.">What it waits for is said above.</Empty>
            ) : (
              <Tries attempts={own} chosen={chosenTry} />
            )
          }
        </Answer>
      </Card>
      {chosenTry > 0 && (
        <OfTry job={job} tryNumber={chosenTry} attempt={own.find(one => one.try_number === chosenTry)} />
      )}
    </>
  );
}

interface OfTryProps {
  job: JobOfRun;
  tryNumber: number;
  attempt: Attempt | undefined;
}

function OfTry({ job, tryNumber, attempt }: OfTryProps) {
  const { view: named, lane, index, log } = useSearch({ from: "/shell/dags/$dag/runs/$run/jobs/$job" });
  const view = viewOf(VIEWS, named);
  return (
    <>
      <Views label={`Views of try ${tryNumber}`} of={VIEWS} now={view} keep={{ lane, index, log }} />
      <Card title={view === "history" ? "History, all tries" : `${TITLES[view]} of try ${tryNumber}`}>
        <Suspense fallback={<Waiting />}>
          {view === "log" && (
            <Log
              key={tryNumber}
              job={job}
              tryNumber={tryNumber}
              isOver={Boolean(attempt?.ended_at) || tryNumber < job.try}
            />
          )}
          {view === "request" && <Request job={job} tryNumber={tryNumber} />}
          {view === "cluster" && <ClustersOfTry attempt={attempt} />}
          {view === "history" && <HistoryOfJob job={job} />}
        </Suspense>
      </Card>
    </>
  );
}

function factsOf(job: JobOfRun): [string, React.ReactNode][] {
  const { now } = job;
  return [
    ["Begun", <When key="b" at={job.start} as="both" />],
    ["Took", <Took key="t" from={job.start} to={job.end} />],
    ["Tries", `${job.try} of at most ${now.max_tries + 1}`],
    ["Next try", <When key="n" at={now.next_try_at} as="both" />],
    ["Cluster", job.cluster ? <ClusterLink key="c" id={job.cluster} /> : "–"],
    ["Pool", now.pool],
  ];
}
