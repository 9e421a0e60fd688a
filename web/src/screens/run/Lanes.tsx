import { JobLink } from "@/parts/links";
import table from "@/parts/Table.module.css";
import type { JobOfRun } from "@/state/jobs";
import { State } from "@/state/State";
import { Took } from "@/time/When";
import classes from "./Lanes.module.css";
import { laneTableOf } from "./lanes";

export default function Lanes({ jobs }: { jobs: JobOfRun[] }) {
  const { lanes, rows } = laneTableOf(jobs);
  return (
    <div className={table.wrap} tabIndex={0} role="region" aria-label="Lanes side by side">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Job</th>
            {lanes.map(lane => (
              <th key={lane} scope="col">
                lane {lane}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.job}>
              <th scope="row" className={classes.job}>
                {row.job}
              </th>
              {row.ofAll && row.byLane.size === 0 ? (
                <td colSpan={lanes.length}>
                  <Cell job={row.ofAll} />
                  <span className={classes.soft}> of all lanes</span>
                </td>
              ) : (
                lanes.map(lane => (
                  <td key={lane}>
                    <Cell job={row.byLane.get(lane)} />
                  </td>
                ))
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ job }: { job: JobOfRun | undefined }) {
  if (!job) return <span aria-hidden>–</span>;
  return (
    <JobLink dag={job.dag} run={job.run} job={job.job} lane={job.lane} index={job.index}>
      <span className={classes.cell}>
        <State of={job.state} />
        {job.start && (
          <span className={classes.soft}>
            <Took from={job.start} to={job.end} />
            {job.try > 1 && `, try ${job.try}`}
          </span>
        )}
      </span>
    </JobLink>
  );
}
