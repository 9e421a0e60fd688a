// The days of a DAG's runs in weeks from Monday to Sunday. Pure.

import type { Run } from "@/api/types";
import { type Look, shownTask, worst } from "@/state/states";
import { dayOf } from "@/time/local";

export interface Day {
  day: string; // 2026-01-05
  runs: Run[];
  /** Ticks of the schedule that are to come. */
  coming: number;
  look: Look;
}

const DAY_MS = 24 * 3600 * 1000;
const LEAST_WEEKS = 13;
const MOST_WEEKS = 53;

export const dateOfRun = (run: Pick<Run, "logical_date" | "run_after">) => run.logical_date ?? run.run_after;

const serial = (day: string) => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
const dayAt = (number: number) => new Date(number * DAY_MS).toISOString().slice(0, 10);
const mondayBefore = (number: number) => number - ((number + 3) % 7); // day 0 was a Thursday

/** The oldest week first. `ticks` are moments. */
export function weeksOf(runs: Run[], ticks: number[], today: string, zone: string): Day[][] {
  const ofDay = Map.groupBy(runs, run => dayOf(Date.parse(dateOfRun(run)), zone));
  const coming = Map.groupBy(ticks, at => dayOf(at, zone));
  const current = serial(today);
  const days = [...ofDay.keys(), ...coming.keys()].map(serial);
  const last = mondayBefore(Math.max(current, ...days));
  const first = Math.max(
    Math.min(mondayBefore(Math.min(current, ...days)), last - (LEAST_WEEKS - 1) * 7),
    last - (MOST_WEEKS - 1) * 7,
  );
  const weeks: Day[][] = [];
  for (let monday = first; monday <= last; monday += 7)
    weeks.push(
      Array.from({ length: 7 }, (_, i) => {
        const day = dayAt(monday + i);
        const list = ofDay.get(day) ?? [];
        return {
          day,
          runs: list,
          coming: coming.get(day)?.length ?? 0,
          look: worst(list.map(run => shownTask(run.state).look)),
        };
      }),
    );
  return weeks;
}

/** Where a month begins: the week's number and its name. */
export function monthsOf(weeks: Day[][]): { week: number; name: string }[] {
  const months: { week: number; name: string }[] = [];
  weeks.forEach((week, i) => {
    const first = week.find(day => day.day.endsWith("-01")) ?? (i === 0 ? week[0] : undefined);
    if (!first) return;
    const name = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" }).format(
      Date.parse(first.day),
    );
    if (months.at(-1)?.name !== name) months.push({ week: i, name });
  });
  return months;
}
