import { useQuery } from "@tanstack/react-query";
import { spend } from "@/api/operations";
import type { Spent } from "@/api/operationTypes";
import { Answer, Empty } from "@/parts/Answer";
import { Soft, Stack } from "@/parts/Filters";
import { DagLink } from "@/parts/links";
import { Meter } from "@/parts/Meter";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { dollars } from "@/screens/clusters/cluster";
import classes from "./Pools.module.css";

function Cap({ of }: { of: Spent }) {
  if (of.spend_cap_usd === null) return <Soft>no cap</Soft>;
  const isOver = of.estimated_cost_usd >= of.spend_cap_usd;
  return (
    <span className={isOver ? classes.over : undefined}>
      {dollars(of.spend_cap_usd)}
      {isOver && <div>reached</div>}
    </span>
  );
}

export function SpendCaps() {
  const today = useQuery(spend());
  return (
    <Card
      title="Cost of today, and its caps"
      beside={today.data && <span>{today.data.day}, a day of UTC</span>}
    >
      <Answer of={today}>
        {all =>
          all.dags.length === 0 ? (
            <Empty title="No cluster has cost anything today.">
              <code>prices</code> in signalbox.yaml gives clusters their cost, <code>spend_cap</code> there
              and in DAGs bounds it by day and by run.
            </Empty>
          ) : (
            <Stack>
              {all.spend_cap_usd !== null && (
                <Meter
                  label="All DAGs"
                  value={all.estimated_cost_usd}
                  of={all.spend_cap_usd}
                  words={`${dollars(all.estimated_cost_usd)} of ${dollars(all.spend_cap_usd)}`}
                />
              )}
              <Table
                label="Cost of today by DAG"
                rows={[...all.dags].sort((a, b) => b.estimated_cost_usd - a.estimated_cost_usd)}
                rowKey={dag => dag.dag_id}
                columns={[
                  { name: "DAG", of: dag => <DagLink dag={dag.dag_id} /> },
                  { name: "Clusters", kind: "number", of: dag => dag.clusters },
                  {
                    name: "Estimated cost",
                    kind: "number",
                    of: dag => (
                      <>
                        {dollars(dag.estimated_cost_usd)}
                        {dag.clusters_without_price > 0 && (
                          <Soft>{dag.clusters_without_price} without price</Soft>
                        )}
                      </>
                    ),
                  },
                  { name: "Cap of a day", kind: "number", of: dag => <Cap of={dag} /> },
                ]}
              />
            </Stack>
          )
        }
      </Answer>
    </Card>
  );
}
