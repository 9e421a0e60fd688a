// Launches that a person holds: placed with a reason and a scope, released; and drain, which is the
// hold of all.

import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { change } from "@/api/client";
import { poolDetails } from "@/api/operations";
import type { HoldDetails } from "@/api/operationTypes";
import { dags, estate } from "@/api/queries";
import { ForOperators, useSeesAll } from "@/app/session";
import { Act } from "@/parts/Act";
import { holdWords, SCOPES, type Scope, targetsOf } from "@/state/holds";

interface Asked {
  scope: Scope;
  target: string | null;
  reason: string;
}

function HoldFields({ asked, onChange }: { asked: Asked; onChange: (to: Asked) => void }) {
  const seesAll = useSeesAll();
  const pools = useQuery(poolDetails()).data ?? [];
  const all = useQuery(dags()).data ?? [];
  const map = useQuery(estate()).data;
  const jobs = map?.dags.flatMap(dag => dag.jobs.map(job => `${dag.dag_id}/${job.job_id}`)) ?? [];
  return (
    <>
      <Select
        label="What is held"
        data={SCOPES.filter(one => seesAll || one.value === "dag" || one.value === "job")}
        value={asked.scope}
        allowDeselect={false}
        onChange={scope => onChange({ ...asked, scope: (scope ?? "dag") as Scope, target: null })}
      />
      {asked.scope !== "all" && (
        <Select
          label="Which"
          placeholder="Choose one"
          searchable
          nothingFoundMessage="There is none"
          data={targetsOf(asked.scope, pools, all, jobs)}
          value={asked.target}
          onChange={target => onChange({ ...asked, target })}
        />
      )}
      <Reason value={asked.reason} onChange={reason => onChange({ ...asked, reason })} />
    </>
  );
}

const Reason = ({ value, onChange }: { value: string; onChange: (to: string) => void }) => (
  <TextInput
    label="Reason"
    description="Everybody whose job waits reads it."
    value={value}
    maxLength={500}
    onChange={event => onChange(event.currentTarget.value)}
  />
);

const release = (made: unknown) => () =>
  change("POST", `/holds/${(made as Pick<HoldDetails, "id">).id}/release`);

export function PlaceHold() {
  const [asked, setAsked] = useState<Asked>({ scope: "dag", target: null, reason: "" });
  const { scope, target, reason } = asked;
  return (
    <ForOperators>
      <Act
        variant="filled"
        change={{
          label: "Hold launches",
          title: "Hold launches",
          what: "No job that the hold names gets a cluster, and none is tried again, until the hold is released. Clusters that are up go on.",
          options: <HoldFields asked={asked} onChange={setAsked} />,
          run: () => change("POST", "/holds", { scope, target: target ?? "", reason }),
          done: `Launches are held: ${holdWords(scope, target)}.`,
          undo: release,
        }}
      />
    </ForOperators>
  );
}

export function Drain({ live }: { live: number | undefined }) {
  const seesAll = useSeesAll();
  const [reason, setReason] = useState("");
  if (!seesAll) return null;
  return (
    <ForOperators>
      <Act
        change={{
          label: "Drain",
          title: "Drain: hold all launches",
          what: (
            <>
              Nothing is launched any more, whatever the DAG. Runs are created and their jobs wait.
              {live !== undefined && ` ${live} clusters are up now and go on to their end.`} Release the hold
              to go on.
            </>
          ),
          options: <Reason value={reason} onChange={setReason} />,
          isDangerous: true,
          run: () => change("POST", "/holds", { scope: "all", reason }),
          done: "All launches are held.",
          undo: release,
        }}
      />
    </ForOperators>
  );
}

export function ReleaseHold({ hold }: { hold: HoldDetails }) {
  const words = holdWords(hold.scope as Scope, hold.target);
  return (
    <ForOperators>
      <Act
        change={{
          label: "Release",
          title: "Release the hold",
          what: `Jobs that wait for it get their turn again: ${words}.`,
          run: () => change("POST", `/holds/${hold.id}/release`),
          done: "The hold is released.",
          undo: () => () =>
            change("POST", "/holds", { scope: hold.scope, target: hold.target, reason: hold.reason }),
        }}
      />
    </ForOperators>
  );
}
