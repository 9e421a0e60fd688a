import type { Deadline } from "@/api/types";
import { Empty } from "@/parts/Answer";
import { DagLink, RunLink } from "@/parts/links";
import { Table } from "@/parts/Table";
import { DeadlineMark } from "@/state/State";
import { When } from "@/time/When";
import { spanWords } from "@/time/words";
import classes from "./Today.module.css";
import { byUrgency, slackOf } from "./verdict";

export function Slack({ of }: { of: Deadline }) {
  const slack = slackOf(of);
  if (slack === null) return <>–</>;
  return slack < 0 ? (
    <b className={classes.late}>{spanWords(-slack)} too late</b>
  ) : (
    <span>{spanWords(slack)}</span>
  );
}

export const percent = (share: number) =>
  share > 0 && share < 0.01 ? "< 1 %" : `${Math.round(share * 100)} %`;

export function Deadlines({ all }: { all: Deadline[] }) {
  if (all.length === 0)
    return (
      <Empty title="No deadline falls into the next seven days.">
        The key <code>deadline</code> of a DAG or of a job says by when it has to be done; this table then
        tells whether it will be.
      </Empty>
    );
  return (
    <Table
      label="Deadlines"
      rows={[...all].sort(byUrgency)}
      rowKey={row => `${row.dag_id}/${row.dag_run_id}/${row.job}/${row.deadline}`}
      columns={[
        {
          name: "What",
          of: row => (
            <>
              <DagLink dag={row.dag_id} />
              {row.job ? ` / ${row.job}` : ""}
              <div className={classes.soft}>
                {row.state === "coming" ? "to come" : <RunLink dag={row.dag_id} run={row.dag_run_id} />}
              </div>
            </>
          ),
        },
        { name: "Due", kind: "nowrap", of: row => <When at={row.due} as="both" /> },
        { name: "", of: row => <DeadlineMark status={row.status} /> },
        { name: "Expected finish", kind: "nowrap", of: row => <When at={row.finish_p50} as="short" /> },
        { name: "Slack (9 of 10 times at least)", kind: "nowrap", of: row => <Slack of={row} /> },
        { name: "Chance to miss", kind: "number", of: row => percent(row.miss_chance) },
        { name: "What decides it", kind: "long", of: row => row.holds_up ?? "–" },
      ]}
    />
  );
}
