import { Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ReleaseHold } from "@/actions/holds";
import { allHolds } from "@/api/operations";
import type { HoldDetails } from "@/api/operationTypes";
import { Answer, Empty } from "@/parts/Answer";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { holdWords, type Scope } from "@/state/holds";
import { When } from "@/time/When";

const SHOWN_RELEASED = 20;

const Ended = ({ hold }: { hold: HoldDetails }) =>
  hold.active ? (
    <ReleaseHold hold={hold} />
  ) : (
    <>
      released <When at={hold.released_at} />
      {hold.released_by && ` by ${hold.released_by}`}
    </>
  );

export function Holds() {
  const all = useQuery(allHolds());
  const [hasReleased, setHasReleased] = useState(false);
  return (
    <Card
      title="Holds of launches"
      beside={
        <Checkbox
          size="xs"
          label="also those that are released"
          checked={hasReleased}
          onChange={event => setHasReleased(event.currentTarget.checked)}
        />
      }
    >
      <Answer of={all} lines={1}>
        {list => {
          const old = list.filter(hold => !hold.active).slice(-SHOWN_RELEASED);
          const rows = [...list.filter(hold => hold.active), ...(hasReleased ? old.reverse() : [])];
          if (rows.length === 0)
            return (
              <Empty title="No launch is held.">
                A hold keeps the jobs of a pool, a tag, a DAG, or all of them from getting clusters, with a
                reason that everybody reads: while an input is repaired, or before an upgrade.
              </Empty>
            );
          return (
            <Table
              label="Holds of launches"
              rows={rows}
              rowKey={hold => String(hold.id)}
              columns={[
                { name: "Held", of: hold => holdWords(hold.scope as Scope, hold.target) },
                { name: "Reason", kind: "long", of: hold => hold.reason ?? "–" },
                { name: "By", of: hold => hold.placed_by },
                { name: "Since", kind: "nowrap", of: hold => <When at={hold.since} /> },
                { name: "", kind: "nowrap", of: hold => <Ended hold={hold} /> },
              ]}
            />
          );
        }}
      </Answer>
    </Card>
  );
}
