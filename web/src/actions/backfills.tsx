// Backfills: made with a preview of each tick, paused, cancelled; and the filling of holes.

import { Checkbox, NumberInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { change, part } from "@/api/client";
import type { Backfill, BackfillPlan, NewBackfill, Reprocess } from "@/api/operationTypes";
import { dags } from "@/api/queries";
import { ForOperators } from "@/app/session";
import { Act } from "@/parts/Act";
import { planWords } from "@/state/backfills";
import { instantOf } from "@/time/local";
import { useZone } from "@/time/zone";

const REPROCESS: { value: Reprocess; label: string }[] = [
  { value: "none", label: "leave it alone" },
  { value: "failed", label: "run it again if it failed" },
  { value: "completed", label: "run it again" },
];
const MOST_ACTIVE = 10;

interface Asked {
  dag: string | null;
  from: string;
  to: string;
  reprocess: Reprocess;
  most: number;
  isReversed: boolean;
}

function Fields({ asked, onChange }: { asked: Asked; onChange: (to: Asked) => void }) {
  const all = useQuery(dags()).data ?? [];
  const zone = useZone();
  return (
    <>
      <Select
        label="DAG"
        placeholder="Choose one"
        searchable
        nothingFoundMessage="There is none"
        data={all.map(one => one.dag_id)}
        value={asked.dag}
        onChange={dag => onChange({ ...asked, dag })}
      />
      <TextInput
        type="datetime-local"
        label={`First logical date (${zone})`}
        value={asked.from}
        onChange={event => onChange({ ...asked, from: event.currentTarget.value })}
      />
      <TextInput
        type="datetime-local"
        label={`Last logical date (${zone})`}
        value={asked.to}
        onChange={event => onChange({ ...asked, to: event.currentTarget.value })}
      />
      <Select
        label="A run that is there and has ended"
        data={REPROCESS}
        value={asked.reprocess}
        allowDeselect={false}
        onChange={value => onChange({ ...asked, reprocess: (value ?? "none") as Reprocess })}
      />
      <NumberInput
        label="Runs at once, at most"
        min={1}
        max={10_000}
        allowDecimal={false}
        value={asked.most}
        onChange={value => onChange({ ...asked, most: Number(value) || 1 })}
      />
      <Checkbox
        label="the latest first"
        checked={asked.isReversed}
        onChange={event => onChange({ ...asked, isReversed: event.currentTarget.checked })}
      />
    </>
  );
}

export function CreateBackfill({ dag }: { dag?: string }) {
  const zone = useZone();
  const [asked, setAsked] = useState<Asked>({
    dag: dag ?? null,
    from: "",
    to: "",
    reprocess: "none",
    most: MOST_ACTIVE,
    isReversed: false,
  });
  const body: NewBackfill = {
    dag_id: asked.dag ?? "",
    from_date: instantOf(asked.from, zone),
    to_date: instantOf(asked.to, zone),
    reprocess_behavior: asked.reprocess,
    max_active_runs: asked.most,
    run_backwards: asked.isReversed,
  };
  const isWhole = asked.dag && body.from_date && body.to_date;
  return (
    <ForOperators>
      <Act
        variant="filled"
        change={{
          label: "Create a backfill",
          title: "Create a backfill",
          what: "Past runs of one DAG: a run for each tick of its schedule in a range, beside the DAG's own runs. Clusters cost money: look at what would be made.",
          options: <Fields asked={asked} onChange={setAsked} />,
          preview: async () =>
            isWhole
              ? planWords(await change<BackfillPlan>("POST", "/backfills/dry_run", body), zone)
              : { lines: [], notes: ["Choose the DAG and both ends of the range."] },
          previewKey: ["backfill", JSON.stringify(body), zone],
          run: () => change("POST", "/backfills", body),
          done: `The backfill of ${asked.dag} has begun.`,
        }}
      />
    </ForOperators>
  );
}

export function FillHoles({ dag }: { dag: string }) {
  const zone = useZone();
  const path = `/dags/${part(dag)}/holes/fill`;
  return (
    <ForOperators>
      <Act
        variant="filled"
        change={{
          label: "Fill the holes",
          title: `Fill the holes of ${dag}`,
          what: "A run for each tick that never fired. A run that is there and has failed runs again. Jobs of other DAGs that wait for these intervals then go on.",
          preview: async () => planWords(await change<BackfillPlan>("POST", path, { dry_run: true }), zone),
          previewKey: ["fill", dag, zone],
          run: () => change("POST", path, {}),
          done: `The holes of ${dag} are being filled.`,
        }}
      />
    </ForOperators>
  );
}

type To = "pause" | "unpause" | "cancel";
const CHANGES: Record<To, { label: string; what: string; done: string }> = {
  pause: {
    label: "Pause",
    what: "It makes no further run. Those that work go on.",
    done: "The backfill is paused.",
  },
  unpause: { label: "Resume", what: "It makes its next runs.", done: "The backfill goes on." },
  cancel: {
    label: "Cancel the backfill",
    what: "It makes no further run, and its queued runs fail. Those that work go on. This cannot be undone.",
    done: "The backfill is cancelled.",
  },
};

function Change({ backfill, to }: { backfill: Backfill; to: To }) {
  const { label, what, done } = CHANGES[to];
  return (
    <Act
      change={{
        label,
        title: `${label}: backfill ${backfill.id} of ${backfill.dag_id}`,
        what,
        isDangerous: to === "cancel",
        run: () => change("PUT", `/backfills/${backfill.id}/${to}`),
        done,
      }}
    />
  );
}

export function BackfillActions({ backfill }: { backfill: Backfill }) {
  if (backfill.completed_at) return null;
  return (
    <ForOperators>
      <Change backfill={backfill} to={backfill.is_paused ? "unpause" : "pause"} />
      <Change backfill={backfill} to="cancel" />
    </ForOperators>
  );
}
