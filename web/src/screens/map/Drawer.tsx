// What one looks at on the map: a line or a station.

import { ActionIcon } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { PauseDag, TriggerDag } from "@/actions/dags";
import { JobActions } from "@/actions/jobs";
import { tasksOf } from "@/api/queries";
import type { Estate, MapDag, MapJob } from "@/api/types";
import { CloseIcon } from "@/parts/icons";
import { ClusterLink, DagLink, JobLink, RunLink } from "@/parts/links";
import { Facts } from "@/parts/Page";
import { WhyBox } from "@/parts/Why";
import { jobKey, jobsOf } from "@/state/jobs";
import { ClusterState, DeadlineMark, State } from "@/state/State";
import { Took, When } from "@/time/When";
import { dagOf } from "./bright";
import classes from "./Drawer.module.css";
import map from "./Map.module.css";

interface DrawerProps {
  estate: Estate;
  id: string;
  close: () => void;
}

export function Drawer({ estate, id, close }: DrawerProps) {
  const dag = dagOf(estate, id);
  const job = dag?.jobs.find(one => one.id === id);
  if (!dag) return null;
  return (
    <aside className={map.drawer} aria-label="What is chosen">
      <div className={classes.head}>
        <h2>{job ? job.job_id : dag.dag_id}</h2>
        <ActionIcon variant="subtle" color="gray" c="inherit" aria-label="Close" onClick={close}>
          <CloseIcon />
        </ActionIcon>
      </div>
      {job ? <JobPart dag={dag} job={job} /> : <DagPart dag={dag} />}
    </aside>
  );
}

function DagPart({ dag }: { dag: MapDag }) {
  return (
    <div className={classes.body}>
      <Facts
        of={[
          ["Latest run", dag.run ? <State key="state" of={dag.run.state} /> : "none yet"],
          [
            "Deadline",
            dag.run?.deadline ? <DeadlineMark key="deadline" status={dag.run.deadline.status} /> : "none",
          ],
          ["Schedule", dag.schedule ?? "none"],
          ["Next run", dag.is_paused ? "paused" : <When key="next" at={dag.next_run?.run_after} />],
        ]}
      />
      <p className={classes.links}>
        <DagLink dag={dag.dag_id}>Open the DAG</DagLink>
        {dag.run && (
          <RunLink dag={dag.dag_id} run={dag.run.dag_run_id}>
            Open the run
          </RunLink>
        )}
      </p>
      <div className={classes.actions}>
        <TriggerDag dag={dag.dag_id} />
        <PauseDag dag={dag.dag_id} isPaused={dag.is_paused} />
      </div>
    </div>
  );
}

function JobPart({ dag, job }: { dag: MapDag; job: MapJob }) {
  const run = dag.run?.dag_run_id;
  const tasks = useQuery({ ...tasksOf(dag.dag_id, run ?? ""), enabled: run !== undefined });
  const jobs = jobsOf((tasks.data ?? []).filter(task => task.job_id === job.job_id && task.map_index < 0));
  const byKey = new Map(jobs.map(one => [one.key, one]));
  return (
    <div className={classes.body}>
      <p className={classes.links}>
        <DagLink dag={dag.dag_id} />
        {run && (
          <RunLink dag={dag.dag_id} run={run}>
            latest run
          </RunLink>
        )}
      </p>
      {job.members.map(member => {
        const found = byKey.get(jobKey(job.job_id, member.lane_id, -1));
        return (
          <section key={member.id} className={classes.member}>
            <div className={classes.memberHead}>
              {run ? (
                <JobLink dag={dag.dag_id} run={run} job={job.job_id} lane={member.lane_id}>
                  {member.display_name}
                </JobLink>
              ) : (
                member.display_name
              )}
              <State of={member.state} />
            </div>
            <div className={classes.small}>
              {member.start_date && (
                <span>
                  <Took from={member.start_date} to={member.end_date} />
                  {member.try_number > 1 && `, try ${member.try_number}`}
                </span>
              )}
              {member.deadline && (
                <span>
                  due <When at={member.deadline.due} as="short" />{" "}
                  <DeadlineMark status={member.deadline.status} />
                </span>
              )}
              {member.cluster && (
                <span className={classes.cluster}>
                  <ClusterLink id={member.cluster.cluster_id} />
                  <ClusterState of={member.cluster.state} />
                </span>
              )}
              {member.next_try_at && (
                <span>
                  next try <When at={member.next_try_at} />
                </span>
              )}
            </div>
            {found && <WhyBox job={found.now} />}
            {found && (
              <div className={classes.actions}>
                <JobActions job={found} />
              </div>
            )}
          </section>
        );
      })}
    </div>
  );
}
