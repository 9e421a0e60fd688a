// What one looks at on the map: a line, a station, or an asset.

import { ActionIcon } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { PauseDag, TriggerDag } from "@/actions/dags";
import { JobActions } from "@/actions/jobs";
import { tasksOf } from "@/api/queries";
import type { Estate, MapDag, MapJob, Task } from "@/api/types";
import { CloseIcon } from "@/parts/icons";
import { Facts } from "@/parts/Page";
import { Why } from "@/parts/Why";
import { jobKey, jobsOf } from "@/state/jobs";
import { ClusterState, DeadlineMark, State } from "@/state/State";
import { Took, When } from "@/time/When";
import classes from "./Drawer.module.css";
import map from "./Map.module.css";

interface DrawerProps {
  estate: Estate;
  id: string;
  close: () => void;
}

export function Drawer({ estate, id, close }: DrawerProps) {
  const dag = estate.dags.find(one => one.id === id || one.jobs.some(job => job.id === id));
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
        <Link to="/dags/$dag" params={{ dag: dag.dag_id }}>
          Open the DAG
        </Link>
        {dag.run && (
          <Link to="/dags/$dag/runs/$run" params={{ dag: dag.dag_id, run: dag.run.dag_run_id }}>
            Open the run
          </Link>
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
        <Link to="/dags/$dag" params={{ dag: dag.dag_id }}>
          {dag.dag_id}
        </Link>
        {run && (
          <Link to="/dags/$dag/runs/$run" params={{ dag: dag.dag_id, run }}>
            latest run
          </Link>
        )}
      </p>
      {job.members.map(member => {
        const found = byKey.get(jobKey(job.job_id, member.lane_id, -1));
        return (
          <section key={member.id} className={classes.member}>
            <div className={classes.memberHead}>
              {run ? (
                <Link
                  to="/dags/$dag/runs/$run/jobs/$job"
                  params={{ dag: dag.dag_id, run, job: job.job_id }}
                  search={{ lane: member.lane_id ?? undefined }}
                >
                  {member.display_name}
                </Link>
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
                  <Link to="/clusters/$cluster" params={{ cluster: member.cluster.cluster_id }}>
                    {member.cluster.cluster_id}
                  </Link>
                  <ClusterState of={member.cluster.state} />
                </span>
              )}
              {member.next_try_at && (
                <span>
                  next try <When at={member.next_try_at} />
                </span>
              )}
            </div>
            {found && <WhyNot task={found.now} />}
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

function WhyNot({ task }: { task: Task }) {
  if (!task.reason && task.blocked_by.length === 0 && !task.note) return null;
  return (
    <div className={classes.why}>
      <Why job={task} />
      {task.note && <div>Note: {task.note}</div>}
    </div>
  );
}
