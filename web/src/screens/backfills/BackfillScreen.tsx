import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { BackfillActions } from "@/actions/backfills";
import { backfill, backfillTicks } from "@/api/operations";
import type { BackfillTick } from "@/api/operationTypes";
import { runsOf } from "@/api/queries";
import { Answer } from "@/parts/Answer";
import { DagLink, RunLink } from "@/parts/links";
import { Card, Facts, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { shownOutcome } from "@/state/backfills";
import { Glyph } from "@/state/Glyph";
import { State } from "@/state/State";
import { When } from "@/time/When";
import classes from "./Backfills.module.css";
import { Progress } from "./Progress";

const MOST_RUNS = 1000;

export function BackfillScreen() {
  const id = Number(useParams({ from: "/shell/backfills/$backfill" }).backfill);
  const details = useQuery(backfill(id));
  const one = details.data;
  return (
    <Page
      title={`Backfill ${id}`}
      above={
        <>
          <Link to="/backfills">Backfills</Link>
          {one && <DagLink dag={one.dag_id} />}
        </>
      }
      actions={one && <BackfillActions backfill={one} />}
    >
      <Answer of={details}>
        {row => (
          <>
            <Card>
              <Facts
                of={[
                  ["State", row.state],
                  ["From", <When key="from" at={row.from_date} as="both" />],
                  ["To", <When key="to" at={row.to_date} as="both" />],
                  ["A run that is there", reprocessWords[row.reprocess_behavior]],
                  ["Runs at once", row.max_active_runs],
                  ["Order", row.run_backwards ? "the latest first" : "the earliest first"],
                  ["Begun", <When key="begun" at={row.created_at} as="both" />],
                  ["By", row.created_by],
                  ["Completed", <When key="end" at={row.completed_at} as="both" />],
                ]}
              />
            </Card>
            <Card title="Progress">
              <Progress id={row.id} />
            </Card>
            <Ticks id={row.id} dag={row.dag_id} />
          </>
        )}
      </Answer>
    </Page>
  );
}

const reprocessWords = {
  none: "is left alone",
  failed: "runs again if it failed",
  completed: "runs again",
};

function Outcome({ of }: { of: string }) {
  const { look, words } = shownOutcome(of);
  return (
    <span className={classes.outcome} data-look={look} title={of}>
      <Glyph look={look} />
      {words}
    </span>
  );
}

function Ticks({ id, dag }: { id: number; dag: string }) {
  const ticks = useQuery(backfillTicks(id));
  const runs = useQuery(runsOf(dag, MOST_RUNS)).data ?? [];
  const states = new Map(runs.map(run => [run.dag_run_id, run.state]));
  return (
    <Card title="Its ticks">
      <Answer of={ticks}>
        {list => (
          <Table
            label="Ticks"
            rows={list}
            rowKey={(tick: BackfillTick) => tick.data_interval_end}
            columns={[
              { name: "Logical date", kind: "nowrap", of: tick => <When at={tick.logical_date} as="both" /> },
              {
                name: "Data interval",
                kind: "nowrap",
                of: tick => (
                  <>
                    <When at={tick.data_interval_start} as="short" /> to{" "}
                    <When at={tick.data_interval_end} as="short" />
                  </>
                ),
              },
              { name: "What became of it", of: tick => <Outcome of={tick.outcome} /> },
              {
                name: "Run",
                of: tick => (tick.dag_run_id ? <RunLink dag={dag} run={tick.dag_run_id} /> : "–"),
              },
              {
                name: "State",
                kind: "nowrap",
                of: tick => {
                  const state = tick.dag_run_id && states.get(tick.dag_run_id);
                  return state ? <State of={state} /> : "–";
                },
              },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}
