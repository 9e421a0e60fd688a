import type { Attempt, Run } from "@/api/types";
import { ClusterLink, JobLink } from "@/parts/links";
import { Table } from "@/parts/Table";
import { Why } from "@/parts/Why";
import { type JobOfRun, jobKey } from "@/state/jobs";
import { State } from "@/state/State";
import { useNow } from "@/time/clock";
import { Took } from "@/time/When";
import { Bars } from "./Bars";

interface JobsTableProps {
  jobs: JobOfRun[];
  attempts: Attempt[];
  run: Run;
}

export function JobsTable({ jobs, attempts, run }: JobsTableProps) {
  const now = useNow();
  const byJob = Map.groupBy(attempts, one => jobKey(one.job_id, one.lane_id, one.map_index));
  const from = Date.parse(run.start_date ?? run.run_after);
  const to = run.end_date ? Date.parse(run.end_date) : now;
  return (
    <Table
      label="Jobs of the run"
      rows={jobs}
      rowKey={job => job.key}
      columns={[
        {
          name: "Job",
          kind: "nowrap",
          of: job => (
            <JobLink dag={job.dag} run={job.run} job={job.job} lane={job.lane} index={job.index}>
              {job.name}
            </JobLink>
          ),
        },
        { name: "State", kind: "nowrap", of: job => <State of={job.state} /> },
        {
          name: "When, each try",
          of: job => <Bars attempts={byJob.get(job.key) ?? []} from={from} to={to} now={now} />,
        },
        {
          name: "Took",
          kind: "number",
          of: job => <Took from={job.start} to={job.end} />,
        },
        { name: "Tries", kind: "number", of: job => job.try || "–" },
        {
          name: "Cluster",
          kind: "nowrap",
          of: job => (job.cluster ? <ClusterLink id={job.cluster} /> : "–"),
        },
        { name: "Why", kind: "long", of: job => <Why job={job.now} /> },
      ]}
    />
  );
}
