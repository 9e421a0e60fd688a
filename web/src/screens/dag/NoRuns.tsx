import type { DagDetails } from "@/api/types";
import { Empty } from "@/parts/Answer";

export function NoRuns({ dag, isFiltered = false }: { dag: DagDetails; isFiltered?: boolean }) {
  if (isFiltered) return <Empty title="No run fits the filters." />;
  return (
    <Empty title="It has not run yet.">
      {dag.is_paused
        ? "It is paused: resume it, or trigger a run."
        : "Its next run begins by the schedule; a run can be triggered at any time."}
    </Empty>
  );
}
