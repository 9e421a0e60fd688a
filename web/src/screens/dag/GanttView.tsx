import type { DagDetails } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { Card } from "@/parts/Page";
import GanttOfRun from "../run/GanttOfRun";
import { NoRuns } from "./NoRuns";
import { RunSelect, useChosenRun, useRuns } from "./RunSelect";

export default function GanttView({ dag }: { dag: DagDetails }) {
  const runs = useRuns(dag.dag_id);
  const chosen = useChosenRun(runs.data);
  return (
    <Card title="Gantt" beside={chosen && <RunSelect runs={runs.data ?? []} chosen={chosen} />}>
      <Answer of={runs}>{() => (chosen ? <GanttOfRun run={chosen} /> : <NoRuns dag={dag} />)}</Answer>
    </Card>
  );
}
