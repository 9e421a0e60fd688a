// What becomes of the ticks of a backfill, in words and in shares. Pure.

import type { BackfillDetails, BackfillPlan, BackfillTick } from "@/api/operationTypes";
import type { Look } from "@/state/states";
import { absoluteWords } from "@/time/words";

/** Each outcome of a tick, as docs/backfills.md names it. */
const OUTCOMES: Record<string, { look: Look; words: string }> = {
  pending: { look: "none", words: "its turn has not come" },
  created: { look: "success", words: "a new run" },
  "cleared existing run": { look: "retry", words: "the run that is there runs again" },
  "already exists": { look: "skipped", words: "a run is there, and it is left alone" },
  "in flight": { look: "running", words: "a run is there that has not ended" },
  "left to the schedule": { look: "waiting", words: "the schedule fires it itself" },
  "filled already": { look: "skipped", words: "another run has filled it" },
  cancelled: { look: "ending", words: "the backfill was cancelled first" },
  unknown: { look: "failed", words: "the run that was there cannot be read" },
};
export const shownOutcome = (outcome: string): { look: Look; words: string } =>
  OUTCOMES[outcome] ?? { look: "none", words: outcome };

const line = (tick: BackfillTick, zone: string) =>
  `${absoluteWords(Date.parse(tick.logical_date), zone)}: ${shownOutcome(tick.outcome).words}`;

/** What would be made, and of what would be left out how much and why. */
export function planWords({ backfills, left_out, clipped }: BackfillPlan, zone: string) {
  const reasons = Map.groupBy(left_out, tick => shownOutcome(tick.outcome).words);
  const left = [...reasons].map(
    ([words, { length }]) => `${length} ${length === 1 ? "tick is" : "ticks are"} left out: ${words}.`,
  );
  return { lines: backfills.map(tick => line(tick, zone)), notes: clipped ? [...left, clipped] : left };
}

export interface Share {
  outcome: string;
  count: number;
}

/** Those that are decided first, so that the bar grows from the left. */
export function sharesOf({ ticks }: Pick<BackfillDetails, "ticks">): Share[] {
  const order = Object.keys(OUTCOMES);
  const place = (outcome: string) =>
    outcome === "pending"
      ? order.length + 1
      : order.includes(outcome)
        ? order.indexOf(outcome)
        : order.length;
  return Object.entries(ticks)
    .map(([outcome, count]) => ({ outcome, count }))
    .filter(share => share.count > 0)
    .sort((a, b) => place(a.outcome) - place(b.outcome));
}
