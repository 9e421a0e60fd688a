import { useQuery } from "@tanstack/react-query";
import { HISTORY_MOST, historyOf } from "@/api/dag";
import type { Run } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { History } from "@/parts/History";

export default function HistoryOfRun({ run }: { run: Run }) {
  const rows = useQuery(historyOf(run.dag_id, run.dag_run_id));
  return <Answer of={rows}>{list => <History rows={list} most={HISTORY_MOST} />}</Answer>;
}
