import type { DeadlineStatus, RunState, TaskState } from "@/api/types";
import { Glyph } from "./Glyph";
import classes from "./State.module.css";
import { deadlineWord, shownCluster, shownTask, urgencyOf } from "./states";

/** The state of a run or a job: a sign and its word. */
export function State({ of }: { of: TaskState | RunState | null }) {
  const { look, word } = shownTask(of);
  return (
    <span className={classes.state} data-look={look}>
      <Glyph look={look} />
      {word}
    </span>
  );
}

export function ClusterState({ of }: { of: string }) {
  const { look, word } = shownCluster(of);
  return (
    <span className={classes.state} data-look={look}>
      <Glyph look={look} />
      {word}
    </span>
  );
}

const MARK = { late: "!", risk: "~", fine: "" };

export function DeadlineMark({ status }: { status: DeadlineStatus }) {
  const urgency = urgencyOf(status);
  return (
    <span className={classes.deadline} data-urgency={urgency}>
      {MARK[urgency] && <b aria-hidden>{MARK[urgency]}</b>}
      {deadlineWord[status]}
    </span>
  );
}
