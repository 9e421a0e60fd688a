import type { MapDag } from "@/api/types";
import { DeadlineMark, State } from "@/state/State";
import { When } from "@/time/When";
import type { Line } from "../picture";
import { troubleOf } from "./tour";
import classes from "./Wall.module.css";

const NAMED_MOST = 4;

/** Why the wall stops here. */
export function Caption({ dag, line }: { dag: MapDag; line: Line }) {
  const troubles = troubleOf(dag);
  const more = troubles.length - NAMED_MOST;
  const deadline = dag.run?.deadline;
  return (
    <section className={classes.caption} aria-label="What is shown">
      <h2>{dag.dag_id}</h2>
      <State of={line.state} />
      {deadline && (
        <span>
          due <When at={deadline.due} as="both" /> <DeadlineMark status={deadline.status} />
        </span>
      )}
      {troubles.slice(0, NAMED_MOST).map(({ job, word }) => (
        <span key={job}>
          {job}: {word}
        </span>
      ))}
      {more > 0 && <span>and {more} more</span>}
    </section>
  );
}
