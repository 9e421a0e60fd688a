import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type DagVersion, sourceOf, versionsOf } from "@/api/dag";
import type { DagDetails } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { Code } from "@/parts/Code";
import { Diff } from "@/parts/diff/Diff";
import { Card } from "@/parts/Page";
import { joined } from "@/parts/waited";
import { useNow } from "@/time/clock";
import { shortWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Durations.module.css";

/** What Signalbox runs: the DAG with its templates, lanes and defaults resolved, as each version has it. */
export default function CodeView({ dag }: { dag: DagDetails }) {
  const versions = useQuery(versionsOf(dag.dag_id));
  return (
    <Card title="Code" beside={dag.relative_fileloc}>
      <Answer of={versions}>{list => <OfVersions dag={dag.dag_id} versions={list} />}</Answer>
    </Card>
  );
}

function OfVersions({ dag, versions }: { dag: string; versions: DagVersion[] }) {
  const { version: named, against: other } = useSearch({ from: "/shell/dags/$dag" });
  const navigate = useNavigate({ from: "/dags/$dag" });
  const now = useNow();
  const zone = useZone();
  const newest = versions.at(-1);
  const numbers = versions.map(one => String(one.version_number));
  if (!newest) return <Empty title="It has no version yet." />;
  const version = named && numbers.includes(named) ? named : String(newest.version_number);
  const against = other && other !== version && numbers.includes(other) ? other : undefined;
  const data = versions.toReversed().map(one => ({
    value: String(one.version_number),
    label: `Version ${one.version_number}${one.created_at ? `, ${shortWords(Date.parse(one.created_at), now, zone)}` : ""}`,
  }));
  const set = (change: { version?: string; against?: string }) =>
    navigate({ search: old => ({ ...old, ...change }), replace: true });
  return (
    <>
      <div className={classes.choice}>
        <Select
          size="xs"
          aria-label="Version"
          allowDeselect={false}
          data={data}
          value={version}
          onChange={value => set({ version: value ?? undefined })}
        />
        <Select
          size="xs"
          aria-label="Compared with"
          placeholder={versions.length > 1 ? "Compare with…" : "There is one version alone"}
          disabled={versions.length < 2}
          clearable
          data={data.filter(one => one.value !== version)}
          value={against ?? null}
          onChange={value => set({ against: value ?? undefined })}
        />
      </div>
      {against ? (
        <Compared dag={dag} before={Number(against)} after={Number(version)} />
      ) : (
        <Shown dag={dag} version={Number(version)} />
      )}
    </>
  );
}

function Shown({ dag, version }: { dag: string; version: number }) {
  const source = useQuery(sourceOf(dag, version));
  return <Answer of={source}>{text => <Code label={`Version ${version}`}>{text}</Code>}</Answer>;
}

function Compared({ dag, before, after }: { dag: string; before: number; after: number }) {
  const from = useQuery(sourceOf(dag, before));
  const to = useQuery(sourceOf(dag, after));
  return (
    <Answer of={joined(from, to)}>
      {([old, text]) => <Diff label={`From version ${before} to ${after}`} before={old} after={text} />}
    </Answer>
  );
}
