import { useQuery } from "@tanstack/react-query";
import { cluster as clusterQuery } from "@/api/queries";
import type { Attempt } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { ClusterLink } from "@/parts/links";
import { Facts } from "@/parts/Page";
import { ClusterState } from "@/state/State";
import { Took } from "@/time/When";
import { Fleets, Steps } from "../clusters/ClusterParts";
import { dollars } from "../clusters/cluster";
import { LifeLine } from "../clusters/LifeLine";
import classes from "./Job.module.css";

/** Steps and nodes of the try's cluster; of several, one after a launch whose reply was lost, each. */
export default function ClustersOfTry({ attempt }: { attempt: Attempt | undefined }) {
  if (!attempt || attempt.cluster_ids.length === 0)
    return <Empty title="This try has no cluster.">It ended, or waits, before EMR gave it one.</Empty>;
  return attempt.cluster_ids.map(id => <OneCluster key={id} id={id} />);
}

function OneCluster({ id }: { id: string }) {
  const cluster = useQuery(clusterQuery(id));
  return (
    <Answer of={cluster}>
      {of => (
        <div className={classes.cluster}>
          <Facts
            of={[
              ["Cluster", <ClusterLink key="c" id={id} />],
              ["State", <ClusterState key="s" of={of.state} />],
              ["Up for", <Took key="u" from={of.created_at} to={of.ended_at} />],
              ["Cost so far", dollars(of.estimated_cost_usd)],
              ["Reason", of.reason ?? "–"],
            ]}
          />
          <h3>From request to end</h3>
          <LifeLine cluster={of} />
          <h3>Steps</h3>
          <Steps steps={of.steps} />
          <h3>Nodes</h3>
          <Fleets fleets={of.fleets} />
        </div>
      )}
    </Answer>
  );
}
