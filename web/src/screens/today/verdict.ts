// Will the week be done? One sentence. Pure.

import type { Deadline } from "@/api/types";
import { deadlineRank, urgencyOf } from "@/state/states";

export function verdictOf(deadlines: Deadline[]): string {
  const open = deadlines.filter(one => one.status !== "met" && one.status !== "withdrawn");
  const late = open.filter(one => urgencyOf(one.status) === "late").length;
  const risk = open.filter(one => urgencyOf(one.status) === "risk").length;
  if (open.length === 0) return "No deadline is open.";
  const of = `of ${open.length} deadline${open.length === 1 ? "" : "s"}`;
  if (late > 0) return `${late} ${of} will be missed${risk ? `, ${risk} more at risk` : ""}.`;
  if (risk > 0) return `${risk} ${of} at risk, the others in time.`;
  return open.length === 1
    ? "The one open deadline will be met."
    : `All ${open.length} open deadlines will be met.`;
}

/** Time between the finish and the deadline, as it is at least in 9 of 10 cases; negative: too late. */
export const slackOf = (deadline: Deadline): number | null =>
  deadline.finish_p90 ? Date.parse(deadline.due) - Date.parse(deadline.finish_p90) : null;

export const byUrgency = (a: Deadline, b: Deadline) =>
  deadlineRank(a.status) - deadlineRank(b.status) || a.due.localeCompare(b.due);
