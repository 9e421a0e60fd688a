// What depends on what in a DAG, with the states of a run. Groups are one box until they are opened.

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { tasksOf } from "@/api/queries";
import type { DagDetails, Run } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { Card } from "@/parts/Page";
import { jobsOf } from "@/state/jobs";
import { GraphPicture } from "./GraphPicture";
import { graphOf } from "./graph";
import { type Groups, useGroups } from "./groups";
import { NoRuns } from "./NoRuns";
import { RunSelect, useChosenRun, useRuns } from "./RunSelect";

export default function GraphView({ dag }: { dag: DagDetails }) {
  const runs = useRuns(dag.dag_id);
  const chosen = useChosenRun(runs.data);
  const groups = useGroups(dag.jobs);
  return (
    <Card
      title="Graph"
      beside={runs.data && runs.data.length > 0 && <RunSelect runs={runs.data} chosen={chosen} />}
    >
      <Answer of={runs}>
        {list => (
          <>
            {list.length === 0 && <NoRuns dag={dag} />}
            {groups.all.length > 0 && <GroupButtons groups={groups} />}
            <OfRun dag={dag} run={chosen} groups={groups} />
          </>
        )}
      </Answer>
    </Card>
  );
}

function GroupButtons({ groups: { all, open, toggle, openAll } }: { groups: Groups }) {
  return (
    <Button.Group mb={10}>
      {[...open].map(path => (
        <Button key={path} size="xs" variant="default" onClick={() => toggle(path)}>
          Fold {path}
        </Button>
      ))}
      {open.size < all.length && (
        <Button size="xs" variant="default" onClick={openAll}>
          Open all groups
        </Button>
      )}
    </Button.Group>
  );
}

interface OfRunProps {
  dag: DagDetails;
  run: Run | undefined;
  groups: Groups;
}

function OfRun({ dag, run, groups: { open, toggle } }: OfRunProps) {
  const tasks = useQuery({ ...tasksOf(dag.dag_id, run?.dag_run_id ?? ""), enabled: run !== undefined });
  const graph = useMemo(() => graphOf(dag.jobs, open), [dag.jobs, open]);
  const states = useMemo(() => Map.groupBy(jobsOf(tasks.data ?? []), job => job.job), [tasks.data]);
  return <GraphPicture graph={graph} jobs={dag.jobs} states={states} toggle={toggle} />;
}
