// Each deadline that is to come, whether it will be met and what holds it up; and those of the past.

import { MultiSelect, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { deadlinesWithin, pastDeadlines } from "@/api/operations";
import { estate } from "@/api/queries";
import type { Deadline } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { Filters, Soft, Words } from "@/parts/Filters";
import { DagLink, RunLink } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Sentence } from "@/parts/Why";
import { percent, Slack } from "@/screens/today/Deadlines";
import { byUrgency, verdictOf } from "@/screens/today/verdict";
import { DeadlineMark } from "@/state/State";
import { deadlineWord } from "@/state/states";
import { When } from "@/time/When";
import { mapId } from "./mapId";

const HORIZONS = [
  { value: "1d", label: "a day" },
  { value: "7d", label: "a week" },
  { value: "31d", label: "a month" },
];
const STATUSES = (["missed", "late", "at_risk", "on_track"] as const).map(value => ({
  value,
  label: deadlineWord[value],
}));

interface Filter {
  dag?: string;
  status?: string;
  within?: string;
}

export function DeadlinesScreen() {
  const filter = useSearch({ from: "/shell/deadlines" });
  const navigate = useNavigate({ from: "/deadlines" });
  const set = (change: Filter) => navigate({ search: { ...filter, ...change }, replace: true });
  const all = useQuery(deadlinesWithin(filter.within ?? "7d"));
  const statuses = filter.status?.split(",") ?? [];
  return (
    <Page title="Deadlines" beside={all.data && <Soft>{verdictOf(all.data.deadlines)}</Soft>}>
      <Card title="To come">
        <Filters>
          <SegmentedControl
            size="sm"
            aria-label="How far ahead"
            data={HORIZONS}
            value={filter.within ?? "7d"}
            onChange={value => set({ within: value === "7d" ? undefined : value })}
          />
          <Select
            aria-label="DAG"
            placeholder="Any DAG"
            clearable
            searchable
            data={[...new Set(all.data?.deadlines.map(one => one.dag_id))].sort()}
            value={filter.dag ?? null}
            onChange={dag => set({ dag: dag ?? undefined })}
          />
          <MultiSelect
            aria-label="Status"
            placeholder={statuses.length > 0 ? undefined : "Any status"}
            clearable
            data={STATUSES}
            value={statuses}
            onChange={list => set({ status: list.join(",") || undefined })}
          />
        </Filters>
        <Answer of={all}>
          {({ deadlines, is_cut }) => {
            const rows = deadlines.filter(
              one =>
                (!filter.dag || one.dag_id === filter.dag) &&
                (statuses.length === 0 || statuses.includes(one.status)),
            );
            return (
              <>
                {is_cut && (
                  <Words>
                    There are more runs ahead than the forecast looks at: the last ones are missing.
                  </Words>
                )}
                <Coming rows={rows} isFiltered={deadlines.length > 0} />
              </>
            );
          }}
        </Answer>
      </Card>
      <Past dag={filter.dag} />
    </Page>
  );
}

function Coming({ rows, isFiltered }: { rows: Deadline[]; isFiltered: boolean }) {
  const map = useQuery(estate()).data;
  if (rows.length === 0)
    return isFiltered ? (
      <Empty title="No deadline fits the filters." />
    ) : (
      <Empty title="No deadline falls into this time.">
        The key <code>deadline</code> of a DAG or of a job, or <code>deadlines</code> in signalbox.yaml, says
        by when it has to be done. This table then tells whether it will be, and what is in the way.
      </Empty>
    );
  return (
    <Table
      label="Deadlines to come"
      rows={[...rows].sort(byUrgency)}
      rowKey={row => `${row.dag_id}/${row.dag_run_id}/${row.job}/${row.deadline}`}
      columns={[
        {
          name: "What",
          kind: "long",
          of: row => (
            <>
              <DagLink dag={row.dag_id} />
              {row.job ? ` / ${row.job}` : ""}
              <Soft>
                {row.deadline && `${row.deadline}, `}
                {row.state === "coming" ? "run to come" : <RunLink dag={row.dag_id} run={row.dag_run_id} />}
              </Soft>
              <Soft>
                <Link to="/" search={{ focus: mapId(map, row.dag_id, row.job), way: "up" }}>
                  on the map
                </Link>
              </Soft>
            </>
          ),
        },
        {
          name: "Due",
          kind: "nowrap",
          of: row => (
            <>
              <When at={row.due} as="short" />
              <Soft>
                <When at={row.due} />
              </Soft>
            </>
          ),
        },
        { name: "Status", kind: "nowrap", of: row => <DeadlineMark status={row.status} /> },
        { name: "Finish (p50)", kind: "nowrap", of: row => <When at={row.finish_p50} as="short" /> },
        { name: "Finish (p90)", kind: "nowrap", of: row => <When at={row.finish_p90} as="short" /> },
        { name: "Slack", kind: "nowrap", of: row => <Slack of={row} /> },
        { name: "Chance to miss", kind: "number", of: row => percent(row.miss_chance) },
        {
          name: "What holds it up",
          kind: "long",
          of: row => (row.holds_up ? <Sentence>{row.holds_up}</Sentence> : "–"),
        },
      ]}
    />
  );
}

function Past({ dag }: { dag: string | undefined }) {
  const past = useQuery(pastDeadlines());
  return (
    <Card title="Of the past">
      <Answer of={past}>
        {list => {
          const rows = list.filter(one => !dag || one.dag_id === dag);
          if (rows.length === 0)
            return (
              <Empty title="No deadline has passed yet.">
                Those that were met or missed stand here later.
              </Empty>
            );
          return (
            <Table
              label="Deadlines of the past"
              rows={rows}
              rowKey={row => `${row.dag_id}/${row.dag_run_id}/${row.job}/${row.deadline}`}
              columns={[
                {
                  name: "What",
                  of: row => (
                    <>
                      <DagLink dag={row.dag_id} />
                      {row.job ? ` / ${row.job}` : ""}
                      {row.deadline && <Soft>{row.deadline}</Soft>}
                    </>
                  ),
                },
                { name: "Run", of: row => <RunLink dag={row.dag_id} run={row.dag_run_id} /> },
                { name: "Due", kind: "nowrap", of: row => <When at={row.due} as="both" /> },
                {
                  name: "What became of it",
                  kind: "nowrap",
                  of: row => <DeadlineMark status={row.status} />,
                },
                { name: "Since", kind: "nowrap", of: row => <When at={row.since} as="short" /> },
              ]}
            />
          );
        }}
      </Answer>
    </Card>
  );
}
