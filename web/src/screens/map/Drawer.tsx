// What one looks at on the map: a line or a station.

import { ActionIcon } from "@mantine/core";
import { PauseDag, TriggerDag } from "@/actions/dags";
import type { Estate, MapDag } from "@/api/types";
import { CloseIcon } from "@/parts/icons";
import { DagLink, RunLink } from "@/parts/links";
import { Facts } from "@/parts/Page";
import { DeadlineMark, State } from "@/state/State";
import { When } from "@/time/When";
import { dagOf } from "./bright";
import classes from "./Drawer.module.css";
import type { Time } from "./film/useFilm";
import { JobPart } from "./JobPart";
import panels from "./Panels.module.css";
import { Transfers } from "./Transfers";
import { WhyLate } from "./WhyLate";

interface DrawerProps {
  estate: Estate;
  id: string;
  /** What is past, or only expected, cannot be changed. */
  time: Time;
  close: () => void;
}

export function Drawer({ estate, id, time, close }: DrawerProps) {
  const dag = dagOf(estate, id);
  const job = dag?.jobs.find(one => one.id === id);
  if (!dag) return null;
  return (
    <aside className={panels.drawer} aria-label="What is chosen">
      <div className={classes.head}>
        <h2>{job ? job.job_id : dag.dag_id}</h2>
        <ActionIcon variant="subtle" color="gray" c="inherit" aria-label="Close" onClick={close}>
          <CloseIcon />
        </ActionIcon>
      </div>
      <div className={classes.body}>
        {job ? <JobPart dag={dag} job={job} time={time} /> : <DagPart dag={dag} time={time} />}
        {time === "live" && <WhyLate dag={dag} job={job} />}
        <Transfers estate={estate} ids={job ? [job.id] : [dag.id, ...dag.jobs.map(one => one.id)]} />
      </div>
    </aside>
  );
}

function closedFact({ is_paused, blackout }: MapDag): [string, React.ReactNode][] {
  if (is_paused) return [["Closed", "until the DAG is resumed"]];
  if (!blackout) return [];
  return blackout.is_on
    ? [
        [
          "Closed",
          <>
            by a blackout, until <When key="to" at={blackout.to} as="both" />
          </>,
        ],
      ]
    : [["Next blackout", <When key="from" at={blackout.from} as="both" />]];
}

function DagPart({ dag, time }: { dag: MapDag; time: Time }) {
  const isLive = time === "live";
  const facts: [string, React.ReactNode][] = [
    ["Latest run", dag.run ? <State key="state" of={dag.run.state} /> : "none yet"],
    ["Schedule", dag.schedule ?? "none"],
  ];
  if (isLive)
    facts.push(
      [
        "Deadline",
        dag.run?.deadline ? <DeadlineMark key="deadline" status={dag.run.deadline.status} /> : "none",
      ],
      ...closedFact(dag),
      ["Next run", dag.is_paused ? "paused" : <When key="next" at={dag.next_run?.run_after} />],
    );
  return (
    <>
      <Facts of={facts} />
      <p className={classes.links}>
        <DagLink dag={dag.dag_id}>Open the DAG</DagLink>
        {dag.run && time !== "forecast" && (
          <RunLink dag={dag.dag_id} run={dag.run.dag_run_id}>
            Open the run
          </RunLink>
        )}
      </p>
      {isLive && (
        <div className={classes.actions}>
          <TriggerDag dag={dag.dag_id} />
          <PauseDag dag={dag.dag_id} isPaused={dag.is_paused} />
        </div>
      )}
    </>
  );
}
