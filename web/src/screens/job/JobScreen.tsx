import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { JobActions } from "@/actions/jobs";
import { attemptsOf, tasksOf } from "@/api/queries";
import { Answer, Empty } from "@/parts/Answer";
import { ClusterLink, DagLink, RunLink } from "@/parts/links";
import { Card, Facts, Page } from "@/parts/Page";
import { WhyBox } from "@/parts/Why";
import { type JobOfRun, jobKey, jobsOf } from "@/state/jobs";
import { State } from "@/state/State";
import { Took, When } from "@/time/When";
import { Log } from "./Log";
import { Tries } from "./Tries";

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
        <WhyBox job={job.now} />
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
      {chosenTry > 0 && <Log job={job} tryNumber={chosenTry} />}
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
