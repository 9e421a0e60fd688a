// Live clusters of this deployment that no job claims.

import { useQuery } from "@tanstack/react-query";
import { TerminateCluster } from "@/actions/clusters";
import { orphansNow } from "@/api/operations";
import { useSeesAll } from "@/app/session";
import { Answer, Empty } from "@/parts/Answer";
import { Soft, Words } from "@/parts/Filters";
import { ClusterLink } from "@/parts/links";
import { Table } from "@/parts/Table";
import { ClusterState } from "@/state/State";
import { When } from "@/time/When";

export function Orphans() {
  const all = useQuery(orphansNow());
  const seesAll = useSeesAll();
  if (!seesAll)
    return <Empty title="Orphans are of no DAG.">Who sees all DAGs sees them, and may terminate them.</Empty>;
  return (
    <Answer of={all}>
      {({ orphans, armed, refusal }) =>
        orphans.length === 0 ? (
          <Empty title="There is no orphan.">
            An orphan is a live cluster with this deployment's name that no job claims, as after a restore of
            an old backup. The reaper {armed ? "is armed, and ends" : "is not armed, and only reports"} those
            that it finds.
          </Empty>
        ) : (
          <>
            <Words>
              {armed ? "The reaper is armed." : "The reaper is not armed: it reports orphans and ends none."}{" "}
              {refusal && `It ends none at the moment: ${refusal}`}
            </Words>
            <Table
              label="Orphans"
              rows={orphans}
              rowKey={orphan => orphan.cluster_id}
              columns={[
                {
                  name: "Cluster",
                  of: orphan => (
                    <>
                      <ClusterLink id={orphan.cluster_id} />
                      <Soft>{orphan.name}</Soft>
                    </>
                  ),
                },
                { name: "State", kind: "nowrap", of: orphan => <ClusterState of={orphan.state} /> },
                {
                  name: "Requested",
                  kind: "nowrap",
                  of: orphan => <When at={orphan.created_at} as="both" />,
                },
                { name: "Found", kind: "nowrap", of: orphan => <When at={orphan.first_seen_at} /> },
                { name: "What becomes of it", kind: "long", of: orphan => orphan.fate },
                {
                  name: "",
                  kind: "nowrap",
                  of: orphan =>
                    orphan.terminate_requested_at ? (
                      "is being terminated"
                    ) : (
                      <TerminateCluster id={orphan.cluster_id} work={null} />
                    ),
                },
              ]}
            />
          </>
        )
      }
    </Answer>
  );
}
