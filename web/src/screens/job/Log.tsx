// What Signalbox saw of a try, and what its steps wrote. It goes on by itself while the try does.

import { Button, Checkbox, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { logOf } from "@/api/queries";
import { Answer } from "@/parts/Answer";
import type { JobOfRun } from "@/state/jobs";
import { plain } from "./ansi";
import classes from "./Job.module.css";
import { LogLines } from "./LogLines";

interface LogProps {
  job: JobOfRun;
  tryNumber: number;
  /** Nothing more will be written. */
  isOver: boolean;
}

export function Log({ job, tryNumber, isOver }: LogProps) {
  const task = job.tasks.at(-1)?.task_id ?? "";
  const pages = useInfiniteQuery(logOf(job.dag, job.run, task, job.index, tryNumber));
  const { find: wanted = "" } = useSearch({ from: "/shell/dags/$dag/runs/$run/jobs/$job" });
  const navigate = useNavigate({ from: "/dags/$dag/runs/$run/jobs/$job" });
  const [isFollowed, setFollowed] = useState(!isOver);
  const { hasNextPage, isFetching, fetchNextPage, isError } = pages;
  const lines = useMemo(
    () =>
      (pages.data?.pages ?? []).flatMap(page =>
        page.content.map(one => ({ ...one, event: plain(one.event) })),
      ),
    [pages.data],
  );
  const shown = lines.filter(line => line.event.toLowerCase().includes(wanted.toLowerCase()));
  useEffect(() => {
    if (isFollowed && hasNextPage && !isFetching && !isError) fetchNextPage();
  }, [isFollowed, hasNextPage, isFetching, isError, fetchNextPage]);
  return (
    <>
      <div className={classes.tools}>
        <TextInput
          size="xs"
          aria-label="Lines with this text"
          placeholder="Lines with…"
          value={wanted}
          onChange={event => {
            const find = event.currentTarget.value || undefined;
            navigate({ search: old => ({ ...old, find }), replace: true });
          }}
        />
        {wanted && (
          <span className={classes.soft} role="status">
            {shown.length} of {lines.length} lines
          </span>
        )}
        <Checkbox
          size="xs"
          label="Follow"
          checked={isFollowed}
          onChange={event => setFollowed(event.currentTarget.checked)}
        />
      </div>
      <Answer of={pages} lines={6}>
        {() => (
          <>
            <LogLines lines={shown} wanted={wanted} isFollowed={isFollowed} />
            {hasNextPage && !isFollowed && (
              <Button
                size="xs"
                variant="default"
                loading={pages.isFetchingNextPage}
                onClick={() => fetchNextPage()}
              >
                More of what the steps wrote
              </Button>
            )}
          </>
        )}
      </Answer>
    </>
  );
}
