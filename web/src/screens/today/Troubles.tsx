// What does not go on, or is not right, until a person has looked at it.

import type { ReactNode } from "react";
import type { Health, HealthPart, Hold, ImportError, Orphan } from "@/api/types";
import { Empty } from "@/parts/Answer";
import { ClusterLink, JobLink } from "@/parts/links";
import type { JobOfRun } from "@/state/jobs";
import { When } from "@/time/When";
import classes from "./Today.module.css";

interface TroublesProps {
  health: Health;
  holds: Hold[];
  orphans: Orphan[];
  importErrors: ImportError[];
  failed: JobOfRun[];
}

const unwell = (health: Health) =>
  Object.entries(health).filter(
    (entry): entry is [string, HealthPart] => typeof entry[1] === "object" && entry[1].status === "unhealthy",
  );

function Trouble({ kind, children, since }: { kind: string; children: ReactNode; since?: string | null }) {
  return (
    <li className={classes.trouble}>
      <span className={classes.kind}>{kind}</span>
      <span className={classes.what}>{children}</span>
      <span className={classes.soft}>{since && <When at={since} />}</span>
    </li>
  );
}

export function Troubles({ health, holds, orphans, importErrors, failed }: TroublesProps) {
  const parts = unwell(health);
  if (parts.length + holds.length + orphans.length + importErrors.length + failed.length === 0)
    return (
      <Empty title="Nothing waits for a person.">
        Failed jobs, holds, orphans, files with mistakes and unhealthy parts would be here.
      </Empty>
    );
  return (
    <ul className={classes.troubles}>
      {parts.map(([name, part]) => (
        <Trouble key={name} kind={name} since={part.since}>
          {part.message ?? "is not healthy"}
        </Trouble>
      ))}
      {failed.map(job => (
        <Trouble key={`${job.dag}/${job.run}/${job.key}`} kind="failed" since={job.end}>
          <JobLink dag={job.dag} run={job.run} job={job.job} lane={job.lane} index={job.index}>
            {job.dag} / {job.name}
          </JobLink>
          {job.now.reason && <>: {job.now.reason}</>}
        </Trouble>
      ))}
      {holds.map(hold => (
        <Trouble key={hold.id} kind="hold" since={hold.since}>
          {hold.placed_by} holds launches of {hold.target ? `${hold.scope} ${hold.target}` : hold.scope}
          {hold.reason && <>: {hold.reason}</>}
        </Trouble>
      ))}
      {orphans.map(orphan => (
        <Trouble key={orphan.cluster_id} kind="orphan" since={orphan.created_at}>
          <ClusterLink id={orphan.cluster_id} />: {orphan.fate}
        </Trouble>
      ))}
      {importErrors.map(error => (
        <Trouble key={error.import_error_id} kind="file" since={error.timestamp}>
          {error.stack_trace}
        </Trouble>
      ))}
    </ul>
  );
}
