import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { TerminateCluster } from "@/actions/clusters";
import { cluster as clusterQuery } from "@/api/queries";
import type { ClusterDetails, HistoryRow } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { Card, Facts, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { ClusterState } from "@/state/State";
import { Took, When } from "@/time/When";
import { Fleets, Steps } from "./ClusterParts";
import classes from "./Clusters.module.css";
import { Work } from "./ClustersScreen";
import { dollars, jobName } from "./cluster";
import { LifeLine } from "./LifeLine";

export function ClusterScreen() {
  const { cluster: id } = useParams({ from: "/shell/clusters/$cluster" });
  const cluster = useQuery(clusterQuery(id));
  const isUp = cluster.data && !cluster.data.ended_at && !cluster.data.terminate_requested_at;
  return (
    <Page
      title={id}
      above={<Link to="/clusters">Clusters</Link>}
      beside={cluster.data && <ClusterState of={cluster.data.state} />}
      actions={isUp && <TerminateCluster id={id} work={jobName(cluster.data) || null} />}
    >
      <Answer of={cluster}>
        {of => (
          <>
            <Card>
              <Facts of={factsOf(of)} />
            </Card>
            <Card title="Its life">
              <LifeLine cluster={of} />
            </Card>
            <div className={classes.two}>
              <Card title="Nodes">
                <Fleets fleets={of.fleets} />
              </Card>
              <Card title="Steps">
                <Steps steps={of.steps} />
              </Card>
            </div>
            <Card title="What was seen of it">
              <Seen rows={of.timeline} />
            </Card>
          </>
        )}
      </Answer>
    </Page>
  );
}

function factsOf(of: ClusterDetails): [string, React.ReactNode][] {
  return [
    ["Works on", <Work key="w" cluster={of} />],
    ["Requested", <When key="r" at={of.created_at} as="both" />],
    ["Up for", <Took key="u" from={of.created_at} to={of.ended_at} />],
    ["Cost so far", dollars(of.estimated_cost_usd)],
    ["Reason", of.reason ?? "–"],
    ["Verdict", of.verdict ? `${of.verdict}${of.verdict_reason ? `: ${of.verdict_reason}` : ""}` : "–"],
    [
      "Name",
      <code key="n" className={classes.code}>
        {of.name}
      </code>,
    ],
    [
      "Logs",
      of.log_uri ? (
        <code key="l" className={classes.code}>
          {of.log_uri}
        </code>
      ) : (
        "–"
      ),
    ],
  ];
}

function Seen({ rows }: { rows: HistoryRow[] }) {
  return (
    <Table
      label="What was seen"
      rows={rows}
      rowKey={row => String(row.seq)}
      columns={[
        { name: "When", kind: "nowrap", of: row => <When at={row.at} as="short" /> },
        { name: "Of", kind: "soft", of: row => row.kind },
        { name: "Change", kind: "nowrap", of: row => (row.from ? `${row.from} → ${row.to}` : row.to) },
        { name: "Because", kind: "long", of: row => row.cause || "–" },
      ]}
    />
  );
}
