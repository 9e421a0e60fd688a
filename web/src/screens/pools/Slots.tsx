// Which jobs hold the slots of a pool, or of all, and which wait for them.

import { useQuery } from "@tanstack/react-query";
import { MOST_TASKS, tasksWith } from "@/api/operations";
import { Answer, Empty } from "@/parts/Answer";
import { Soft, Words } from "@/parts/Filters";
import { ClusterLink, DagLink, JobLink } from "@/parts/links";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Why } from "@/parts/Why";
import { Took, When } from "@/time/When";
import { holders, type SlotJob, waiters } from "./slots";

const key = (job: SlotJob) => `${job.dag}/${job.run}/${job.key}`;

const Name = ({ job }: { job: SlotJob }) => (
  <>
    <JobLink dag={job.dag} run={job.run} job={job.job} lane={job.lane} index={job.index}>
      {job.name}
    </JobLink>
    <Soft>
      <DagLink dag={job.dag} />
    </Soft>
  </>
);

/** The API gives so many tasks of all runs at most. */
const Cut = ({ total }: { total: number }) =>
  total > MOST_TASKS ? (
    <Words>
      {MOST_TASKS} of {total} tasks are shown.
    </Words>
  ) : null;

export function Holders({ pool }: { pool: string | undefined }) {
  const tasks = useQuery(tasksWith("deferred"));
  return (
    <Card title="Who holds slots">
      <Answer of={tasks}>
        {({ task_instances, total_entries }) => {
          const jobs = holders(task_instances, pool);
          if (jobs.length === 0)
            return (
              <Empty title="Nobody holds a slot.">
                A job takes its slots when its cluster is launched, and gives them back when it has ended.
              </Empty>
            );
          return (
            <>
              <Cut total={total_entries} />
              <Table
                label="Jobs that hold slots"
                rows={jobs}
                rowKey={key}
                columns={[
                  { name: "Job", of: job => <Name job={job} /> },
                  { name: "Pool", kind: "soft", of: job => job.pool },
                  { name: "Slots", kind: "number", of: job => job.slots },
                  {
                    name: "Cluster",
                    kind: "nowrap",
                    of: job => (job.cluster ? <ClusterLink id={job.cluster} /> : "is requested"),
                  },
                  { name: "For", kind: "number", of: job => <Took from={job.start} to={null} /> },
                ]}
              />
            </>
          );
        }}
      </Answer>
    </Card>
  );
}

export function Waiters({ pool }: { pool: string | undefined }) {
  const tasks = useQuery(tasksWith("queued"));
  return (
    <Card title="Who waits, the next first">
      <Answer of={tasks}>
        {({ task_instances, total_entries }) => {
          const jobs = waiters(task_instances, pool);
          if (jobs.length === 0)
            return (
              <Empty title="Nobody waits.">
                A job whose turn it is and that finds no free slot, or that a limit or a hold keeps back,
                waits here.
              </Empty>
            );
          return (
            <>
              <Cut total={total_entries} />
              <Table
                label="Jobs that wait"
                rows={jobs}
                rowKey={key}
                columns={[
                  { name: "Job", of: job => <Name job={job} /> },
                  { name: "Pool", kind: "soft", of: job => job.pool },
                  { name: "Priority", kind: "number", of: job => job.weight },
                  { name: "Since", kind: "nowrap", of: job => <When at={job.now.queued_when} /> },
                  { name: "Why", kind: "long", of: job => <Why job={job.now} /> },
                ]}
              />
            </>
          );
        }}
      </Answer>
    </Card>
  );
}
