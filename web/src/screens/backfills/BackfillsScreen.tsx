import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { BackfillActions, CreateBackfill } from "@/actions/backfills";
import { backfills } from "@/api/operations";
import type { Backfill } from "@/api/operationTypes";
import { dags } from "@/api/queries";
import { Answer, Empty } from "@/parts/Answer";
import { Buttons, Filters, Soft } from "@/parts/Filters";
import { DagLink } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { When } from "@/time/When";
import { Holes } from "./Holes";
import { Progress } from "./Progress";

export function BackfillsScreen() {
  const { dag } = useSearch({ from: "/shell/backfills" });
  const navigate = useNavigate({ from: "/backfills" });
  const all = useQuery(backfills());
  const known = useQuery(dags()).data ?? [];
  return (
    <Page title="Backfills" actions={<CreateBackfill key={dag} dag={dag} />}>
      <Filters>
        <Select
          aria-label="DAG"
          placeholder="Any DAG"
          clearable
          searchable
          data={known.map(one => one.dag_id)}
          value={dag ?? null}
          onChange={value => navigate({ search: { dag: value ?? undefined }, replace: true })}
        />
      </Filters>
      <Card title="Backfills, the latest first">
        <Answer of={all}>{list => <List rows={list.filter(one => !dag || one.dag_id === dag)} />}</Answer>
      </Card>
      <Holes dag={dag} />
    </Page>
  );
}

function List({ rows }: { rows: Backfill[] }) {
  if (rows.length === 0)
    return (
      <Empty title="There has been no backfill.">
        A backfill makes past runs of one DAG: those of a range of dates, so many at once. Before it begins
        you see what would become of each tick.
      </Empty>
    );
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
