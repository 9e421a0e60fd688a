// Where the map shows what a deadline is of. Pure.

import type { Estate } from "@/api/types";

/** `job`: a display name, which has the lane; none: the whole DAG. */
export function mapId(estate: Estate | undefined, dagId: string, job: string | null): string {
  const dag = estate?.dags.find(one => one.dag_id === dagId);
  const found = job
    ? dag?.jobs.find(one => one.job_id === job || one.members.some(member => member.display_name === job))
    : undefined;
  return found?.id ?? `dag:${dagId}`;
}
