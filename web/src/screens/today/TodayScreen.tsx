import { useQuery } from "@tanstack/react-query";
import {
  budget,
  clusters,
  deadlines,
  estate,
  health,
  holds,
  importErrors,
  openTasks,
  orphans,
  pools,
} from "@/api/queries";
import type { BudgetAction, Estate, Pool, Task } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { JobLink } from "@/parts/links";
import { Meter } from "@/parts/Meter";
import { Card, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Why } from "@/parts/Why";
import { joined } from "@/parts/waited";
import { type JobOfRun, jobsOf } from "@/state/jobs";
import { State } from "@/state/State";
import { Deadlines } from "./Deadlines";
import classes from "./Today.module.css";
import { Troubles } from "./Troubles";
import { verdictOf } from "./verdict";

export function TodayScreen() {
  const due = useQuery(deadlines());
  return (
    <Page title="Today" beside={due.data && <Verdict text={verdictOf(due.data.deadlines)} />}>
      <div className={classes.grid}>
        <Card title="Deadlines of the next seven days" isWide>
          <Answer of={due}>{({ deadlines: all }) => <Deadlines all={all} />}</Answer>
        </Card>
        <NeedsSomebody />
        <Waiting />
        <Capacity />
        <Calls />
      </div>
    </Page>
  );
}

const Verdict = ({ text }: { text: string }) => <span className={classes.verdict}>{text}</span>;

/** Failures of earlier runs are history: those of each DAG's latest run are today's. */
function ofLatestRuns(tasks: Task[], theEstate: Estate): Task[] {
  const latest = new Map(theEstate.dags.map(dag => [dag.dag_id, dag.run?.dag_run_id]));
  return tasks.filter(task => latest.get(task.dag_id) === task.dag_run_id);
}

function NeedsSomebody() {
  const all = useQuery(estate());
  const failed = useQuery(openTasks(["failed"]));
  const isWell = useQuery(health());
  const held = useQuery(holds());
  const strays = useQuery(orphans());
  const errors = useQuery(importErrors());
  return (
    <Card title="Waits for somebody">
      <Answer of={joined(isWell, held, strays, errors, failed, all)}>
        {([healthNow, holdsNow, orphansNow, importErrorsNow, failedNow, estateNow]) => (
          <Troubles
            health={healthNow}
            holds={holdsNow}
            orphans={orphansNow}
            importErrors={importErrorsNow}
            failed={jobsOf(ofLatestRuns(failedNow, estateNow))}
          />
        )}
      </Answer>
    </Card>
  );
}

const Name = ({ job }: { job: JobOfRun }) => (
  <>
    <JobLink dag={job.dag} run={job.run} job={job.job} lane={job.lane} index={job.index}>
      {job.name}
    </JobLink>
    <div className={classes.soft}>{job.dag}</div>
  </>
);

function Waiting() {
  const tasks = useQuery(openTasks(["queued", "up_for_retry"]));
  return (
    <Card title="Waiting, and for what">
      <Answer of={tasks}>
        {all => {
          const jobs = jobsOf(all);
          if (jobs.length === 0) return <Empty title="Nothing waits for a cluster or for a next try." />;
          return (
            <Table
              label="Jobs that wait"
              rows={jobs}
              rowKey={job => `${job.dag}/${job.run}/${job.key}`}
              columns={[
                { name: "Job", of: job => <Name job={job} /> },
                { name: "State", of: job => <State of={job.state} /> },
                { name: "Why", kind: "long", of: job => <Why job={job.now} /> },
              ]}
            />
          );
        }}
      </Answer>
    </Card>
  );
}

const poolWords = (pool: Pool) =>
  `${pool.occupied_slots} of ${pool.slots}${pool.queued_slots ? `, ${pool.queued_slots} wait` : ""}`;

function Capacity() {
  const up = useQuery(clusters(true));
  const all = useQuery(pools());
  return (
    <Card title="Clusters and pools" beside={up.data && `${up.data.length} clusters are up`}>
      <Answer of={all}>
        {list => (
          <div className={classes.meters}>
            {list.map(pool => (
              <Meter
                key={pool.name}
                label={pool.name}
                value={pool.occupied_slots}
                of={pool.slots}
                words={poolWords(pool)}
              />
            ))}
          </div>
        )}
      </Answer>
    </Card>
  );
}

const budgetWords = ({ quota, waiting, throttled }: BudgetAction) =>
  [
    `${Math.floor(quota.tokens)} of ${Math.round(quota.burst)} left`,
    waiting ? `${waiting} wait` : "",
    throttled ? `${throttled} throttled` : "",
  ]
    .filter(Boolean)
    .join(", ");

function Calls() {
  const all = useQuery(budget());
  return (
    <Card title="Calls to EMR against the quota">
      <Answer of={all}>
        {({ actions }) => (
          <div className={classes.meters}>
            {actions.map(action => (
              <Meter
                key={action.action}
                label={action.action}
                value={action.quota.burst - action.quota.tokens}
                of={action.quota.burst}
                words={budgetWords(action)}
              />
            ))}
          </div>
        )}
      </Answer>
    </Card>
  );
}
