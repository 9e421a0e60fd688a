// What the run's jobs would ask for, as the server renders it: asked for when it is opened.

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { change, part } from "@/api/client";
import { Answer } from "@/parts/Answer";
import classes from "./Trigger.module.css";

const MOST = 50;
const REST_MS = 400; // while somebody types

interface PreviewedJob {
  display_name: string;
  type: string;
  is_mapped: boolean;
  request: Record<string, unknown> | null;
  trouble: string | null;
}
interface Preview {
  jobs: PreviewedJob[];
  total_entries: number;
}

interface RequestsPreviewProps {
  dag: string;
  /** What the trigger would send. */
  body: object;
  /** It can be sent: no field has an error. */
  isWhole: boolean;
}

export function RequestsPreview({ dag, body, isWhole }: RequestsPreviewProps) {
  const [isOpen, setOpen] = useState(false);
  const [text] = useDebouncedValue(JSON.stringify(body), REST_MS);
  const preview = useQuery({
    queryKey: ["preview", "trigger", dag, text],
    queryFn: () =>
      change<Preview>("POST", `/dags/${part(dag)}/dagRuns/dry_run?limit=${MOST}`, JSON.parse(text)),
    enabled: isOpen && isWhole,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <details
      className={classes.more}
      aria-label="What its jobs will ask for"
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>What its jobs will ask for</summary>
      {!isWhole && <p>Once every field is right.</p>}
      {isOpen && isWhole && (
        <Answer of={preview} lines={3}>
          {({ jobs, total_entries }) => (
            <div className={classes.jobs}>
              {jobs.map(job => (
                <Job key={job.display_name} job={job} />
              ))}
              {total_entries > jobs.length && (
                <p>
                  These are {jobs.length} of {total_entries} jobs.
                </p>
              )}
            </div>
          )}
        </Answer>
      )}
    </details>
  );
}

function Job({ job: { display_name, type, is_mapped, request, trouble } }: { job: PreviewedJob }) {
  if (trouble)
    return (
      <p className={classes.trouble}>
        <strong>{display_name}</strong> would fail: {trouble}
      </p>
    );
  if (!request)
    return (
      <p>
        <strong>{display_name}</strong>{" "}
        {is_mapped ? "has a request for each item of its list, once the run has it." : "asks for nothing."}
      </p>
    );
  return (
    <details className={classes.job}>
      <summary>
        <strong>{display_name}</strong> {type === "emr_job" ? "RunJobFlow" : type}
      </summary>
      <pre tabIndex={0}>{JSON.stringify(request, null, 2)}</pre>
    </details>
  );
}
