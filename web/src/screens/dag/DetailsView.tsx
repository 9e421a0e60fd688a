import { useQuery } from "@tanstack/react-query";
import { lanesOf, nextTicksOf } from "@/api/dag";
import type { DagDetails } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { Card, Facts } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { When } from "@/time/When";
import classes from "./Details.module.css";

const TICKS = 10;

export default function DetailsView({ dag }: { dag: DagDetails }) {
  return (
    <>
      <Card title="Details">
        <Facts of={factsOf(dag)} />
      </Card>
      <Card title="Params">
        <Params dag={dag} />
      </Card>
      {dag.jobs.some(job => job.lane_id !== null) && <Lanes dag={dag.dag_id} />}
      <NextTicks dag={dag.dag_id} />
      <Card title="Jobs">
        <Jobs dag={dag} />
      </Card>
    </>
  );
}

function factsOf(dag: DagDetails): [string, React.ReactNode][] {
  return [
    ["File", <code key="f">{dag.relative_fileloc}</code>],
    ["Time zone", dag.timezone],
    ["Fires from", <When key="s" at={dag.start_date} as="short" />],
    ["Fires until", <When key="e" at={dag.end_date} as="short" />],
    ["Catches up", dag.catchup ? "yes" : "no"],
    ["Runs at once", String(dag.max_active_runs)],
  ];
}

function Params({ dag }: { dag: DagDetails }) {
  const rows = Object.entries(dag.params);
  if (rows.length === 0)
    return (
      <Empty title="It has no params.">
        What stands under params in its file can be set when a run is triggered.
      </Empty>
    );
  return (
    <Table
      label="Params"
      rows={rows}
      rowKey={([name]) => name}
      columns={[
        { name: "Param", kind: "nowrap", of: ([name]) => <code>{name}</code> },
        { name: "Default", kind: "long", of: ([, param]) => <code>{JSON.stringify(param.value)}</code> },
        {
          name: "What it has to be",
          kind: "long",
          of: ([, { schema }]) =>
            Object.keys(schema).length === 0 ? (
              "anything"
            ) : (
              <code className={classes.soft}>{JSON.stringify(schema)}</code>
            ),
        },
      ]}
    />
  );
}

function Lanes({ dag }: { dag: string }) {
  const lanes = useQuery(lanesOf(dag));
  return (
    <Card title="Lanes">
      <Answer of={lanes} lines={2}>
        {list => (
          <Table
            label="Lanes"
            rows={list}
            rowKey={lane => lane.lane_id}
            columns={[
              { name: "Lane", kind: "nowrap", of: lane => lane.lane_id },
              { name: "Params", kind: "long", of: lane => <code>{JSON.stringify(lane.params)}</code> },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}

function NextTicks({ dag }: { dag: string }) {
  const ticks = useQuery(nextTicksOf(dag, TICKS));
  if (ticks.data?.length === 0) return null;
  return (
    <Card title="Next ticks of the schedule">
      <Answer of={ticks} lines={2}>
        {list => (
          <ul className={classes.ticks}>
            {list.map(tick => (
              <li key={tick.run_after}>
                <When at={tick.run_after} as="both" />
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  );
}

const Jobs = ({ dag }: { dag: DagDetails }) => (
  <Table
    label="Jobs"
    rows={dag.jobs}
    rowKey={job => job.display_name}
    columns={[
      { name: "Job", kind: "nowrap", of: job => job.display_name },
      {
        name: "Depends on",
        kind: "long",
        of: job =>
          [
            ...job.depends_on,
            ...job.depends_on_dags.map(one => (one.job_id ? `${one.dag_id}/${one.job_id}` : one.dag_id)),
          ].join(", ") || "–",
      },
      { name: "Trigger rule", kind: "soft", of: job => job.trigger_rule },
      { name: "Pool", kind: "soft", of: job => job.pool },
      { name: "Retries", kind: "number", of: job => job.retries },
      { name: "… of infrastructure", kind: "number", of: job => job.infra_retries },
      { name: "About", kind: "long", of: job => job.doc_md ?? "" },
    ]}
  />
);
