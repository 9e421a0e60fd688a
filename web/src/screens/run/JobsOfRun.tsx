import { Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Attempt, Run } from "@/api/types";
import { Empty } from "@/parts/Answer";
import type { JobOfRun } from "@/state/jobs";
import { shownTask } from "@/state/states";
import { JobsTable } from "./JobsTable";

const OFFERED = ["running", "success", "failed", "queued", "up_for_retry", "upstream_failed"] as const;

interface JobsOfRunProps {
  run: Run;
  jobs: JobOfRun[];
  attempts: Attempt[];
}

export function JobsOfRun({ run, jobs, attempts }: JobsOfRunProps) {
  const { state } = useSearch({ from: "/shell/dags/$dag/runs/$run" });
  const shown = jobs.filter(job => !state || job.state === state);
  if (shown.length === 0)
    return <Empty title={state ? "No job of this run is in that state." : "It has no jobs."} />;
  return <JobsTable jobs={shown} attempts={attempts} run={run} />;
}

export function StateSelect() {
  const { state } = useSearch({ from: "/shell/dags/$dag/runs/$run" });
  const navigate = useNavigate({ from: "/dags/$dag/runs/$run" });
  return (
    <Select
      size="xs"
      aria-label="State of the jobs"
      placeholder="All jobs"
      clearable
      data={OFFERED.map(value => ({ value, label: shownTask(value).word }))}
      value={state ?? null}
      onChange={value => navigate({ search: old => ({ ...old, state: value ?? undefined }), replace: true })}
    />
  );
}
