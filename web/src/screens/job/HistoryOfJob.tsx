import { useQuery } from "@tanstack/react-query";
import { HISTORY_MOST, historyOf } from "@/api/dag";
import { Answer } from "@/parts/Answer";
import { History } from "@/parts/History";
import type { JobOfRun } from "@/state/jobs";

export default function HistoryOfJob({ job }: { job: JobOfRun }) {
  const rows = useQuery(historyOf(job.dag, job.run, job.job, job.lane, job.index));
  return <Answer of={rows}>{list => <History rows={list} most={HISTORY_MOST} />}</Answer>;
}
