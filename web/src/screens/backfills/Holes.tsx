// Ticks of a DAG's schedule that never fired.

import { useQuery } from "@tanstack/react-query";
import { FillHoles } from "@/actions/backfills";
import { holes } from "@/api/operations";
import type { Hole } from "@/api/operationTypes";
import { Answer, Empty } from "@/parts/Answer";
import { Soft, Stack } from "@/parts/Filters";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { When } from "@/time/When";

export function Holes({ dag }: { dag: string | undefined }) {
  return (
    <Card title={dag ? `Holes of ${dag}` : "Holes"}>
      {dag ? (
        <HolesOf dag={dag} />
      ) : (
        <Empty title="Choose a DAG above to see its holes.">
          A hole is a row of ticks of a schedule that never fired: the DAG was paused, or Signalbox did not
          run. To fill it is a backfill of these ticks.
        </Empty>
      )}
    </Card>
  );
}

function HolesOf({ dag }: { dag: string }) {
  const all = useQuery(holes(dag));
  return (
    <Answer of={all}>
      {list =>
        list.length === 0 ? (
          <Empty title="Each tick of its schedule has fired." />
        ) : (
          <Stack>
            <Table
              label="Holes"
              rows={list}
              rowKey={(hole: Hole) => hole.first_data_interval_start}
              columns={[
                {
                  name: "Data intervals",
                  kind: "nowrap",
                  of: hole => (
                    <>
                      <When at={hole.first_data_interval_start} as="short" /> to{" "}
                      <When at={hole.last_data_interval_end} as="short" />
                    </>
                  ),
                },
                {
                  name: "Ticks",
                  kind: "number",
                  of: hole => (
                    <>
                      {hole.ticks}
                      {hole.filled > 0 && <Soft>{hole.filled} filled</Soft>}
                    </>
                  ),
                },
                { name: "Why", kind: "long", of: hole => hole.reason },
                { name: "Recorded", kind: "nowrap", of: hole => <When at={hole.recorded_at} /> },
              ]}
            />
            {list.some(hole => hole.filled < hole.ticks) && (
              <div>
                <FillHoles dag={dag} />
              </div>
            )}
          </Stack>
        )
      }
    </Answer>
  );
}
