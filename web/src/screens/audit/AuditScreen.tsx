// Who did what, when and from where; and who was refused.

import { Button, Checkbox, Select, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type AuditFilters, audit } from "@/api/operations";
import type { AuditEntry, AuditPage } from "@/api/operationTypes";
import { dags } from "@/api/queries";
import { ForRole } from "@/app/ForRole";
import { Answer, Empty } from "@/parts/Answer";
import { Filters, Soft } from "@/parts/Filters";
import { DagLink, RunLink } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { instantOf, localOf } from "@/time/local";
import { When } from "@/time/When";
import { useZone } from "@/time/zone";
import classes from "./Audit.module.css";
import { diffWords } from "./diff";

const KINDS = [
  { value: "dag", label: "DAGs" },
  { value: "run", label: "runs" },
  { value: "task", label: "tasks" },
  { value: "cluster", label: "clusters" },
  { value: "backfill", label: "backfills" },
  { value: "hold", label: "holds" },
  { value: "asset", label: "assets" },
  { value: "record", label: "users, tokens, variables, connections" },
  { value: "access", label: "logins and refusals" },
];

export function AuditScreen() {
  return (
    <Page title="Audit">
      <ForRole needs="admin" what="The audit tells who did what.">
        <Entries />
      </ForRole>
    </Page>
  );
}

function Entries() {
  const filters = useSearch({ from: "/shell/audit" });
  const all = useInfiniteQuery(audit(filters));
  const isFiltered = Object.values(filters).some(Boolean);
  return (
    <Card>
      <AuditFilterBar filters={filters} />
      {all.data ? (
        <>
          <List rows={all.data.pages.flatMap(page => page.audit)} isFiltered={isFiltered} />
          <Count pages={all.data.pages} />
          {all.hasNextPage && (
            <div className={classes.more}>
              <Button
                variant="default"
                size="xs"
                loading={all.isFetchingNextPage}
                onClick={() => all.fetchNextPage()}
              >
                Show older ones
              </Button>
            </div>
          )}
        </>
      ) : (
        <Answer of={all}>{() => null}</Answer>
      )}
    </Card>
  );
}

const Count = ({ pages }: { pages: AuditPage[] }) => {
  const shown = pages.reduce((sum, page) => sum + page.audit.length, 0);
  const [first] = pages;
  return shown > 0 && first ? (
    <Soft>
      {shown} of {first.total_entries_limited ? "more than " : ""}
      {first.total_entries} entries
    </Soft>
  ) : null;
};

function AuditFilterBar({ filters }: { filters: AuditFilters }) {
  const navigate = useNavigate({ from: "/audit" });
  const zone = useZone();
  const known = useQuery(dags()).data ?? [];
  const set = (change: AuditFilters) => navigate({ search: { ...filters, ...change }, replace: true });
  const time = (name: "from" | "until", label: string) => (
    <TextInput
      type="datetime-local"
      label={label}
      value={localOf(Date.parse(filters[name] ?? ""), zone)}
      onChange={event => set({ [name]: instantOf(event.currentTarget.value, zone) })}
    />
  );
  return (
    <Filters>
      <TextInput
        label="Who"
        placeholder="A user's name, whole"
        value={filters.actor ?? ""}
        onChange={event => set({ actor: event.currentTarget.value || undefined })}
      />
      <Select
        label="What"
        placeholder="Anything"
        clearable
        data={KINDS}
        value={filters.kind ?? null}
        onChange={kind => set({ kind: kind ?? undefined })}
      />
      <Select
        label="DAG"
        placeholder="Any DAG"
        clearable
        searchable
        data={known.map(dag => dag.dag_id)}
        value={filters.dag ?? null}
        onChange={dag => set({ dag: dag ?? undefined })}
      />
      {time("from", "From")}
      {time("until", "Until")}
      <Checkbox
        label="refused only"
        checked={filters.refused === "true"}
        onChange={event => set({ refused: event.currentTarget.checked ? "true" : undefined })}
      />
    </Filters>
  );
}

function Changed({ entry }: { entry: AuditEntry }) {
  const pieces = diffWords(entry.from, entry.to);
  return (
    <div className={classes.change}>
      {pieces.map(({ text, is }) =>
        is === "removed" ? (
          <del key={`-${text}`}>{text}</del>
        ) : is === "added" ? (
          <ins key={`+${text}`}>{text}</ins>
        ) : (
          <span key={text}>{text}</span>
        ),
      )}
    </div>
  );
}

const About = ({ entry }: { entry: AuditEntry }) => (
  <>
    {entry.entity}
    {entry.dag_id && (
      <Soft>
        {entry.dag_run_id ? (
          <RunLink dag={entry.dag_id} run={entry.dag_run_id}>
            {entry.dag_id}
          </RunLink>
        ) : (
          <DagLink dag={entry.dag_id} />
        )}
      </Soft>
    )}
  </>
);

function List({ rows, isFiltered }: { rows: AuditEntry[]; isFiltered: boolean }) {
  if (rows.length === 0)
    return isFiltered ? (
      <Empty title="Nothing fits the filters." />
    ) : (
      <Empty title="Nobody has done anything yet.">
        Each change that a person or a program asks for stands here, with what was before and what is after
        it; and each login and change that was refused.
      </Empty>
    );
  return (
    <Table
      label="Audit"
      rows={rows}
      rowKey={entry => String(entry.seq)}
      columns={[
        { name: "When", kind: "nowrap", of: entry => <When at={entry.at} as="both" /> },
        {
          name: "Who",
          of: entry => (
            <>
              {entry.actor ?? "nobody"}
              <Soft>{[entry.means, entry.address].filter(Boolean).join(", from ")}</Soft>
            </>
          ),
        },
        { name: "On what", kind: "long", of: entry => <About entry={entry} /> },
        {
          name: "What changed",
          of: entry =>
            entry.kind === "access" ? (
              <span className={classes.refused}>{entry.to || "refused"}</span>
            ) : (
              <Changed entry={entry} />
            ),
        },
        { name: "Why", kind: "long", of: entry => entry.cause || "–" },
      ]}
    />
  );
}
