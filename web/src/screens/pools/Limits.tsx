import { useQuery } from "@tanstack/react-query";
import { limits } from "@/api/operations";
import type { Limit } from "@/api/operationTypes";
import { Answer, Empty } from "@/parts/Answer";
import { Soft } from "@/parts/Filters";
import { DagLink } from "@/parts/links";
import { Meter } from "@/parts/Meter";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import classes from "./Pools.module.css";

const MOST_VALUES = 6;

/** The fullest values of a limit; those that no job has are not there. */
function Values({ limit }: { limit: Limit }) {
  if (limit.values === null) return <Soft>its values are of other people's DAGs, too</Soft>;
  if (limit.values.length === 0) return <Soft>no job holds any of it</Soft>;
  const isVcpus = limit.max_vcpus !== null;
  const use = (value: { held: number; vcpus: number | null }) => (isVcpus ? (value.vcpus ?? 0) : value.held);
  const most = (isVcpus ? limit.max_vcpus : limit.max) ?? 0;
  const sorted = [...limit.values].sort((a, b) => use(b) - use(a) || b.queued - a.queued);
  return (
    <div className={classes.values}>
      {sorted.slice(0, MOST_VALUES).map(value => (
        <Meter
          key={value.value ?? ""}
          label={value.value ?? "all together"}
          value={use(value)}
          of={most}
          words={`${use(value)} of ${most}${isVcpus ? " vCPUs" : ""}${value.queued ? `, ${value.queued} wait` : ""}`}
        />
      ))}
      {sorted.length > MOST_VALUES && <Soft>and {sorted.length - MOST_VALUES} more</Soft>}
    </div>
  );
}

export function Limits() {
  const all = useQuery(limits());
  return (
    <Card title="Limits">
      <Answer of={all}>
        {list =>
          list.length === 0 ? (
            <Empty title="There are no limits but the pools.">
              <code>limits.active</code> in signalbox.yaml, or in a DAG, bounds how many jobs with the same
              value are active, or how many vCPUs they have.
            </Empty>
          ) : (
            <Table
              label="Limits"
              rows={list}
              rowKey={limit => `${limit.dag_id}/${limit.limit}`}
              columns={[
                {
                  name: "Limit",
                  kind: "long",
                  of: limit => (
                    <>
                      {limit.limit}
                      <Soft>{limit.dag_id ? <DagLink dag={limit.dag_id} /> : "of the project"}</Soft>
                    </>
                  ),
                },
                { name: "In use", of: limit => <Values limit={limit} /> },
              ]}
            />
          )
        }
      </Answer>
    </Card>
  );
}
