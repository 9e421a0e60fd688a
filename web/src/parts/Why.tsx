// Why something failed, or what it waits for, in the server's sentences.

import type { Task } from "@/api/types";
import type { JobOfRun } from "@/state/jobs";
import { useNow } from "@/time/clock";
import { shortWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Why.module.css";

const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A sentence with its times in the zone that is shown; those within names stay, because they are names. */
export function Sentence({ children }: { children: string }) {
  const now = useNow();
  const zone = useZone();
  return <>{children.replace(MOMENT, at => shortWords(Date.parse(at), now, zone))}</>;
}

/** One after the other; a dash where there is nothing to say. */
export function Why({ job }: { job: Task }) {
  const sentences = [job.reason, ...job.blocked_by.map(one => one.message)].filter(one => one !== null);
  if (sentences.length === 0) return <span aria-hidden>–</span>;
  return (
    <>
      {sentences.map(one => (
        <div key={one}>
          <Sentence>{one}</Sentence>
        </div>
      ))}
    </>
  );
}

/** The same as a box, with the note; nothing where there is nothing to say. */
export function WhyBox({ job }: { job: JobOfRun }) {
  const { now, note } = job;
  const hasReason = now.reason !== null || now.blocked_by.length > 0;
  if (!hasReason && !note) return null;
  return (
    <div className={classes.box}>
      {hasReason && <Why job={now} />}
      {note && <div>Note: {note}</div>}
    </div>
  );
}
