import { useQuery } from "@tanstack/react-query";
import { backfillsOf } from "@/api/dag";
import { Answer } from "@/parts/Answer";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { When } from "@/time/When";

/** Those of one DAG; nothing where there are none. */
export function Backfills({ dag }: { dag: string }) {
  const all = useQuery(backfillsOf(dag));
  if (all.data?.length === 0) return null;
  return (
    <Card title="Backfills">
      <Answer of={all} lines={2}>
        {list => (
          <Table
            label="Backfills"
            rows={list}
            rowKey={one => String(one.id)}
            columns={[
              { name: "Number", kind: "nowrap", of: one => one.id },
              { name: "State", kind: "nowrap", of: one => one.state },
              { name: "From", kind: "nowrap", of: one => <When at={one.from_date} as="short" /> },
              { name: "To", kind: "nowrap", of: one => <When at={one.to_date} as="short" /> },
              { name: "Runs at once", kind: "number", of: one => one.max_active_runs },
              { name: "Created", kind: "nowrap", of: one => <When at={one.created_at} as="both" /> },
              { name: "By", kind: "soft", of: one => one.created_by },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}
