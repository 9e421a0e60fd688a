import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CreateBackfill } from "@/actions/backfills";
import { backfills } from "@/api/operations";
import type { Backfill } from "@/api/operationTypes";
import { dags } from "@/api/queries";
import { Answer, Empty } from "@/parts/Answer";
import { Filters } from "@/parts/Filters";
import { Card, Page } from "@/parts/Page";
import { BackfillTable } from "./BackfillTable";
import { Holes } from "./Holes";

export function BackfillsScreen() {
  const { dag } = useSearch({ from: "/shell/backfills" });
  const navigate = useNavigate({ from: "/backfills" });
  const all = useQuery(backfills(dag));
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
        <Answer of={all}>{list => <List rows={list} />}</Answer>
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
  return <BackfillTable rows={rows} />;
}
