import { Link } from "@tanstack/react-router";
import { BackfillActions } from "@/actions/backfills";
import type { Backfill } from "@/api/operationTypes";
import { Buttons, Soft } from "@/parts/Filters";
import { DagLink } from "@/parts/links";
import { Table } from "@/parts/Table";
import { When } from "@/time/When";
import { Progress } from "./Progress";

export function BackfillTable({ rows }: { rows: Backfill[] }) {
  return (
    <Table
      label="Backfills"
      rows={rows}
      rowKey={row => String(row.id)}
      columns={[
        {
          name: "Backfill",
          kind: "nowrap",
          of: row => (
            <>
              <Link to="/backfills/$backfill" params={{ backfill: String(row.id) }}>
                {row.fills_holes ? "holes" : "range"} #{row.id}
              </Link>
              <Soft>
                of <DagLink dag={row.dag_id} />
              </Soft>
            </>
          ),
        },
        {
          name: "Range",
          kind: "nowrap",
          of: row =>
            row.from_date || row.to_date ? (
              <>
                <When at={row.from_date} as="short" />
                <Soft>
                  to <When at={row.to_date} as="short" />
                </Soft>
              </>
            ) : (
              "all holes"
            ),
        },
        { name: "State", kind: "nowrap", of: row => row.state },
        { name: "Progress", of: row => <Progress id={row.id} /> },
        { name: "At once", kind: "number", of: row => row.max_active_runs },
        {
          name: "Begun",
          kind: "nowrap",
          of: row => (
            <>
              <When at={row.created_at} />
              <Soft>by {row.created_by}</Soft>
            </>
          ),
        },
        {
          name: "",
          kind: "nowrap",
          of: row => (
            <Buttons>
              <BackfillActions backfill={row} />
            </Buttons>
          ),
        },
      ]}
    />
  );
}
