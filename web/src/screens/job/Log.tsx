import { Button, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { logOf } from "@/api/queries";
import { Answer } from "@/parts/Answer";
import { Card } from "@/parts/Page";
import type { JobOfRun } from "@/state/jobs";
import { clockWords } from "@/time/words";
import { useZone } from "@/time/zone";
import { plain } from "./ansi";
import classes from "./Job.module.css";

/** What Signalbox saw of a try, and what its steps wrote. It goes on by itself while the try does. */
export function Log({ job, tryNumber }: { job: JobOfRun; tryNumber: number }) {
  const task = job.tasks.at(-1)?.task_id ?? "";
  const pages = useInfiniteQuery(logOf(job.dag, job.run, task, job.index, tryNumber));
  const zone = useZone();
  const [wanted, setWanted] = useState("");
  return (
    <Card
      title={`Log of try ${tryNumber}`}
      beside={
        <TextInput
          size="xs"
          aria-label="Lines with this text"
          placeholder="Lines with…"
          value={wanted}
          onChange={event => setWanted(event.currentTarget.value)}
        />
      }
    >
      <Answer of={pages} lines={6}>
        {({ pages: all }) => (
          <>
            <div className={classes.log} tabIndex={0} role="log" aria-label="Log">
              {all
                .flatMap(page => page.content)
                .filter(line => line.event.toLowerCase().includes(wanted.toLowerCase()))
                .map((line, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names, and only follow
                  <div key={i} className={classes.line} data-level={line.level}>
                    <span className={classes.soft}>
                      {line.timestamp ? clockWords(Date.parse(line.timestamp), zone) : line.logger}
                    </span>
                    <span>{plain(line.event)}</span>
                  </div>
                ))}
            </div>
            {pages.hasNextPage && (
              <Button
                size="xs"
                variant="default"
                loading={pages.isFetchingNextPage}
                onClick={() => pages.fetchNextPage()}
              >
                More of what the steps wrote
              </Button>
            )}
          </>
        )}
      </Answer>
    </Card>
  );
}
