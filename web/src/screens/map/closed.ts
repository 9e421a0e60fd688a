// Lines on which nothing begins by itself: paused ones, and those in a blackout. Pure, but for the hook.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { estate } from "@/api/queries";
import type { Estate, MapDag } from "@/api/types";
import { worldNow, worldSpeed } from "@/time/clock";

/** "blackout": one is on. */
export type Closed = "paused" | "blackout";

export const closedBy = (dag: MapDag): Closed | null =>
  dag.is_paused ? "paused" : dag.blackout?.is_on ? "blackout" : null;

/** When the next blackout begins or ends after this moment. */
export function nextEdge({ dags }: Estate, now: number): number | undefined {
  const edges = dags
    .flatMap(({ blackout }) => (blackout ? [Date.parse(blackout.from), Date.parse(blackout.to)] : []))
    .filter(edge => edge > now);
  return edges.length > 0 ? Math.min(...edges) : undefined;
}

const LATE_MS = 1_500; // the server's picture is as old as that
const LONGEST_MS = 24 * 3600_000; // of timers of a browser

/** No event tells that a blackout begins or ends: the map is read again then. */
export function useBlackoutEdges(now: Estate) {
  const queries = useQueryClient();
  useEffect(() => {
    let timer: number | undefined;
    const wait = () => {
      const at = nextEdge(now, worldNow());
      if (at === undefined) return;
      const left = (at - worldNow()) / worldSpeed() + LATE_MS;
      timer = window.setTimeout(
        () => {
          queries.invalidateQueries({ queryKey: estate().queryKey });
          wait();
        },
        Math.min(left, LONGEST_MS),
      );
    };
    wait();
    return () => window.clearTimeout(timer);
  }, [now, queries]);
}
