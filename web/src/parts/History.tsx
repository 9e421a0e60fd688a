// What became of something, the newest first: who or what changed which state, and why.

import type { HistoryRow } from "@/api/types";
import { When } from "@/time/When";
import { Empty } from "./Answer";
import { ClusterLink } from "./links";
import { Table } from "./Table";
import { Sentence } from "./Why";

/** Without the names of the DAG and the run, which stand above it. */
function What({ row }: { row: HistoryRow }) {
  if (row.kind === "cluster" && row.cluster_id)
    return (
      <>
        cluster <ClusterLink id={row.cluster_id} />
      </>
    );
  return row.entity.replace(`${row.dag_id}/${row.dag_run_id}/`, "");
}

export function History({ rows, most }: { rows: HistoryRow[]; most: number }) {
  if (rows.length === 0) return <Empty title="Nothing has happened yet." />;
  return (
    <>
      <Table
        label="History"
        rows={rows}
        rowKey={row => String(row.seq)}
        columns={[
          { name: "When", kind: "nowrap", of: row => <When at={row.at} as="short" /> },
          { name: "What", kind: "long", of: row => <What row={row} /> },
          { name: "From", kind: "nowrap", of: row => row.from || "–" },
          { name: "To", kind: "nowrap", of: row => row.to },
          { name: "Why", kind: "long", of: row => <Sentence>{row.cause}</Sentence> },
          { name: "By", kind: "soft", of: row => row.actor ?? "Signalbox" },
        ]}
      />
      {rows.length >= most && <p>The newest {most} changes are shown.</p>}
    </>
  );
}
