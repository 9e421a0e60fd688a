// A cluster's nodes and steps, as its own screen and its job's show them.

import type { Fleet, Step } from "@/api/types";
import { Empty } from "@/parts/Answer";
import { Meter } from "@/parts/Meter";
import { Table } from "@/parts/Table";
import { ClusterState } from "@/state/State";
import { Took, When } from "@/time/When";
import classes from "./Clusters.module.css";

export function Fleets({ fleets }: { fleets: Fleet[] }) {
  if (fleets.length === 0) return <Empty title="Its nodes have not been looked at yet." />;
  return (
    <div className={classes.meters}>
      {fleets.map(fleet => (
        <Meter
          key={fleet.fleet_id}
          label={fleet.role}
          value={fleet.running}
          of={fleet.target}
          words={`${fleet.running} of ${fleet.target} running`}
          scarceFrom={2}
        />
      ))}
    </div>
  );
}

export function Steps({ steps }: { steps: Step[] }) {
  if (steps.length === 0) return <Empty title="Its steps have not been seen yet." />;
  return (
    <Table
      label="Steps"
      rows={steps}
      rowKey={step => step.step_id}
      columns={[
        { name: "Step", of: step => step.name },
        { name: "State", kind: "nowrap", of: step => <ClusterState of={step.state} /> },
        { name: "Begun", kind: "nowrap", of: step => <When at={step.start_date} as="short" /> },
        { name: "Took", kind: "number", of: step => <Took from={step.start_date} to={step.end_date} /> },
        { name: "Failure", kind: "long", of: step => step.failure ?? "–" },
      ]}
    />
  );
}
