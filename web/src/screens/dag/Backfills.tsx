import { useQuery } from "@tanstack/react-query";
import { backfills } from "@/api/operations";
import { Answer } from "@/parts/Answer";
import { Card } from "@/parts/Page";
import { BackfillTable } from "../backfills/BackfillTable";

/** Those of one DAG; nothing where there are none. */
export function Backfills({ dag }: { dag: string }) {
  const all = useQuery(backfills(dag));
  if (all.data?.length === 0) return null;
  return (
    <Card title="Backfills">
      <Answer of={all} lines={2}>
        {list => <BackfillTable rows={list} />}
      </Answer>
    </Card>
  );
}
