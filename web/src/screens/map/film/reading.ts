// What the films are made of: the rows of history of the last days, and the forecast of the coming ones.

import { queryOptions } from "@tanstack/react-query";
import { get } from "@/api/client";
import type { Estate, ForecastRun, Health, HistoryRow } from "@/api/types";
import { filmOfForecast } from "./coming";
import type { Film } from "./film";
import { filmOfPast, type PastRow } from "./past";

const DAY = 24 * 3600_000;
export const SPAN_DAYS = 7;
export const SPAN = SPAN_DAYS * DAY;

const PAGE = 1000;
// Of all kinds. Where a week has more, the film begins later.
const ROWS_MOST = 200_000;
const NEAR_ENOUGH = 500; // rows that are read for nothing
const RUNS_MOST = 1000;

interface HistoryPage {
  history: HistoryRow[];
}
const history = async (query: Record<string, string | number>) =>
  (await get<HistoryPage>("/history", query)).history;

/** The number of a row that is not later than this time, and not much earlier. */
async function rowBefore(time: number, newest: number): Promise<number> {
  let [low, high] = [Math.max(0, newest - ROWS_MOST), newest];
  while (high - low > NEAR_ENOUGH) {
    const middle = Math.floor((low + high) / 2);
    const [row] = await history({ after: middle, limit: 1 });
    if (row && Date.parse(row.at) < time) low = middle;
    else high = middle;
  }
  return low;
}

async function rowsOf(kind: "run" | "task", after: number): Promise<PastRow[]> {
  const rows: PastRow[] = [];
  for (let next = after; ; ) {
    const page = await history({ kind, after: next, limit: PAGE });
    for (const { at, entity, dag_id, dag_run_id, job_id, lane_id, map_index, from, to } of page)
      rows.push({ at, kind, entity, dag_id, dag_run_id, job_id, lane_id, map_index, from, to });
    const last = page.at(-1);
    if (!last || page.length < PAGE) return rows;
    next = last.seq;
  }
}

async function readPast(live: Estate): Promise<Film> {
  // The board may not know the server's time yet.
  const to = Date.parse((await get<Health>("/monitor/health")).now);
  const [newest] = await history({ order_by: "-seq", limit: 1 });
  const after = await rowBefore(to - SPAN, newest?.seq ?? 0);
  const [runs, tasks, [first]] = await Promise.all([
    rowsOf("run", after),
    rowsOf("task", after),
    history({ after, limit: 1 }),
  ]);
  const begins = Math.max(to - SPAN, first ? Date.parse(first.at) : to);
  return filmOfPast([...runs, ...tasks], live, begins, to);
}

async function readForecast(live: Estate): Promise<Film> {
  const { runs, now } = await get<{ runs: ForecastRun[]; now: string }>("/forecast", {
    horizon: `${SPAN_DAYS}d`,
    with_jobs: true,
    limit: RUNS_MOST,
  });
  const from = Date.parse(now);
  return filmOfForecast(runs, live, from, from + SPAN);
}

/** Read once, when the film is opened. */
const once = { staleTime: 0, gcTime: 0, refetchOnMount: false as const };
export const past = (live: Estate) =>
  queryOptions({ ...once, queryKey: ["film", "past"], queryFn: () => readPast(live) });
export const coming = (live: Estate) =>
  queryOptions({ ...once, queryKey: ["film", "coming"], queryFn: () => readForecast(live) });
