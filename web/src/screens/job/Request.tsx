// The request of a try as EMR got it, and what it has otherwise than that of the try before.

import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { tryOf } from "@/api/dag";
import { Answer, Empty } from "@/parts/Answer";
import { Code } from "@/parts/Code";
import { Diff } from "@/parts/diff/Diff";
import { joined } from "@/parts/waited";
import type { JobOfRun } from "@/state/jobs";
import classes from "./Job.module.css";
import { marketChanges, marketsOf } from "./markets";

const textOf = (request: unknown) => JSON.stringify(request, null, 2);

export default function Request({ job, tryNumber }: { job: JobOfRun; tryNumber: number }) {
  const task = job.tasks.at(-1)?.task_id ?? "";
  const own = useQuery(tryOf(job.dag, job.run, task, job.index, tryNumber));
  // Of the first try it is itself: then there is nothing to compare with.
  const earlier = useQuery(tryOf(job.dag, job.run, task, job.index, Math.max(1, tryNumber - 1)));
  return (
    <Answer of={joined(own, earlier)} lines={8}>
      {([{ request }, before]) => {
        if (!request)
          return (
            <Empty title="This try has asked EMR for nothing.">It ended, or waits, before its launch.</Empty>
          );
        return tryNumber > 1 && before.request ? (
          <Compared tryNumber={tryNumber} before={before.request} after={request} />
        ) : (
          <Whole tryNumber={tryNumber} request={request} />
        );
      }}
    </Answer>
  );
}

function Whole({ tryNumber, request }: { tryNumber: number; request: Record<string, unknown> }) {
  return (
    <>
      <Markets request={request} />
      <Code label={`Request of try ${tryNumber}`}>{textOf(request)}</Code>
    </>
  );
}

function Markets({ request }: { request: Record<string, unknown> }) {
  const markets = [...marketsOf(request)];
  if (markets.length === 0) return null;
  return <p className={classes.markets}>{markets.map(([role, words]) => `${role}: ${words}`).join("; ")}</p>;
}

interface ComparedProps {
  tryNumber: number;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

function Compared({ tryNumber, before, after }: ComparedProps) {
  const { whole } = useSearch({ from: "/shell/dags/$dag/runs/$run/jobs/$job" });
  const navigate = useNavigate({ from: "/dags/$dag/runs/$run/jobs/$job" });
  const changes = marketChanges(before, after);
  return (
    <>
      <SegmentedControl
        size="xs"
        mb={10}
        aria-label="What is shown of the request"
        data={[
          { value: "", label: `Compared with try ${tryNumber - 1}` },
          { value: "yes", label: "As sent" },
        ]}
        value={whole ? "yes" : ""}
        onChange={value =>
          navigate({ search: old => ({ ...old, whole: value || undefined }), replace: true })
        }
      />
      {whole ? (
        <Whole tryNumber={tryNumber} request={after} />
      ) : (
        <>
          {changes.length > 0 ? (
            <p className={classes.markets}>
              <strong>{changes.join("; ")}</strong>
            </p>
          ) : (
            <Markets request={after} />
          )}
          <Diff
            label={`From the request of try ${tryNumber - 1} to that of try ${tryNumber}`}
            before={textOf(before)}
            after={textOf(after)}
          />
        </>
      )}
    </>
  );
}
