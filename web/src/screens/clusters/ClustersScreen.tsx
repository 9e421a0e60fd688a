import { SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { clusters } from "@/api/queries";
import type { Cluster } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { ClusterLink, DagLink, JobLink } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { ClusterState } from "@/state/State";
import { Took, When } from "@/time/When";
import classes from "./Clusters.module.css";
import { dollars, jobName } from "./cluster";
import { Orphans } from "./Orphans";

const fits = (cluster: Cluster, text: string) =>
  `${cluster.cluster_id} ${cluster.dag_id} ${jobName(cluster)} ${cluster.state}`
    .toLowerCase()
    .includes(text.toLowerCase());

export function ClustersScreen() {
  const { show, q = "" } = useSearch({ from: "/shell/clusters" });
  const navigate = useNavigate({ from: "/clusters" });
  const isLive = show !== "all";
  const all = useQuery(clusters(isLive));
  return (
    <Page
      title="Clusters"
      beside={
        all.data &&
        show !== "orphans" && (
          <span className={classes.soft}>
            {isLive ? `${all.data.length} are up` : `the latest ${all.data.length}`}
          </span>
        )
      }
    >
      <Card>
        <div className={classes.filters}>
          <SegmentedControl
            size="sm"
            aria-label="Which clusters"
            value={show ?? "live"}
            onChange={value =>
              navigate({
                search: { q: q || undefined, show: value === "live" ? undefined : value },
                replace: true,
              })
            }
            data={[
              { value: "live", label: "up now" },
              { value: "all", label: "all" },
              { value: "orphans", label: "orphans" },
            ]}
          />
          {show !== "orphans" && (
            <TextInput
              aria-label="Part of an id, a job or a state"
              placeholder="Part of an id, a job or a state"
              value={q}
              onChange={event =>
                navigate({ search: { show, q: event.currentTarget.value || undefined }, replace: true })
              }
            />
          )}
        </div>
        {show === "orphans" ? (
          <Orphans />
        ) : (
          <Answer of={all}>
            {list => {
              const rows = list.filter(cluster => fits(cluster, q));
              if (rows.length === 0)
                return (
                  <Empty
                    title={
                      q
                        ? "No cluster fits."
                        : isLive
                          ? "No cluster is up."
                          : "No cluster has been launched yet."
                    }
                  >
                    Each job gets a cluster of its own when its turn comes, and the cluster ends with it.
                  </Empty>
                );
              return <ClusterTable rows={rows} />;
            }}
          </Answer>
        )}
      </Card>
    </Page>
  );
}

function ClusterTable({ rows }: { rows: Cluster[] }) {
  return (
    <Table
      label="Clusters"
      rows={rows}
      rowKey={cluster => cluster.cluster_id}
      columns={[
        { name: "Cluster", kind: "nowrap", of: cluster => <ClusterLink id={cluster.cluster_id} /> },
        { name: "State", kind: "nowrap", of: cluster => <ClusterState of={cluster.state} /> },
        { name: "Works on", of: cluster => <Work cluster={cluster} /> },
        { name: "Requested", kind: "nowrap", of: cluster => <When at={cluster.created_at} as="short" /> },
        {
          name: "Up for",
          kind: "number",
          of: cluster => <Took from={cluster.created_at} to={cluster.ended_at} />,
        },
        { name: "Cost so far", kind: "number", of: cluster => dollars(cluster.estimated_cost_usd) },
        { name: "Reason", kind: "long", of: cluster => cluster.reason ?? "–" },
      ]}
    />
  );
}

export function Work({ cluster }: { cluster: Cluster }) {
  const { dag_id, dag_run_id, job_id } = cluster;
  if (!dag_id || !dag_run_id || !job_id) return <span>no job claims it</span>;
  return (
    <>
      <JobLink
        dag={dag_id}
        run={dag_run_id}
        job={job_id}
        lane={cluster.lane_id}
        index={cluster.map_index ?? -1}
      >
        {jobName(cluster)}
      </JobLink>
      <div className={classes.soft}>
        <DagLink dag={dag_id} />
      </div>
      {(cluster.try_number ?? 0) > 1 && <div className={classes.soft}>try {cluster.try_number}</div>}
    </>
  );
}
