import { useQuery } from "@tanstack/react-query";
import { JobActions } from "@/actions/jobs";
import { tasksOf } from "@/api/queries";
import type { MapDag, MapJob, MapMember } from "@/api/types";
import { ClusterLink, DagLink, JobLink, RunLink } from "@/parts/links";
import { WhyBox } from "@/parts/Why";
import { jobKey, jobsOf } from "@/state/jobs";
import { ClusterState, DeadlineMark, State } from "@/state/State";
import { Took, When } from "@/time/When";
import classes from "./Drawer.module.css";
import type { Time } from "./film/useFilm";

/** A job's lanes, one below the other. */
export function JobPart({ dag, job, time }: { dag: MapDag; job: MapJob; time: Time }) {
  const isLive = time === "live";
  const run = time === "forecast" ? undefined : dag.run?.dag_run_id;
  const tasks = useQuery({ ...tasksOf(dag.dag_id, run ?? ""), enabled: isLive && run !== undefined });
  const jobs = jobsOf((tasks.data ?? []).filter(task => task.job_id === job.job_id && task.map_index < 0));
  const byKey = new Map(jobs.map(one => [one.key, one]));
  return (
    <>
      <p className={classes.links}>
        <DagLink dag={dag.dag_id} />
        {run && (
          <RunLink dag={dag.dag_id} run={run}>
            {isLive ? "latest run" : run}
          </RunLink>
        )}
      </p>
      {job.members.map(member => {
        const found = isLive ? byKey.get(jobKey(job.job_id, member.lane_id, -1)) : undefined;
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
            {isLive && <Details member={member} />}
            {found && <WhyBox job={found} />}
            {found && (
              <div className={classes.actions}>
                <JobActions job={found} />
              </div>
            )}
          </section>
        );
      })}
    </>
  );
}

function Details({ member }: { member: MapMember }) {
  return (
    <div className={classes.small}>
      {member.start_date && (
        <span>
          <Took from={member.start_date} to={member.end_date} />
          {member.try_number > 1 && `, try ${member.try_number}`}
        </span>
      )}
      {member.deadline && (
        <span>
          due <When at={member.deadline.due} as="short" /> <DeadlineMark status={member.deadline.status} />
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
  );
}
