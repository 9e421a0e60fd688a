// What the server tells of makes what is shown old; nothing is asked for on a timer.

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Connection, listen } from "@/api/live";
import { health } from "@/api/queries";
import type { HistoryRow } from "@/api/types";
import { setClock } from "@/time/clock";

// Many changes come at once; the first is shown soon, the others with the next reading.
const SETTLE_MS = 300;

/** The keys of the queries that an event makes old. */
export function touched(row: HistoryRow): string[][] {
  const keys = [["map"]];
  if (row.dag_id && row.dag_run_id) keys.push(["runs", row.dag_id], ["runs", "~"], ["forecast"]);
  if (row.kind === "dag" || row.kind === "run") keys.push(["dags"]);
  if (row.kind === "dag") keys.push(["layout"]);
  if (row.kind === "cluster" || row.kind === "step" || row.kind === "launch")
    keys.push(["clusters"], ["budget"], ["pools"]);
  if (row.kind === "task") keys.push(["pools"]);
  if (row.kind === "hold") keys.push(["holds"], ["health"]);
  if (row.kind === "deadline") keys.push(["forecast"]);
  return keys;
}

class Settling {
  private readonly keys = new Map<string, string[]>();
  private timer: number | undefined;

  constructor(private readonly queries: QueryClient) {}

  add(keys: string[][]) {
    for (const key of keys) this.keys.set(key.join("/"), key);
    this.timer ??= window.setTimeout(() => this.flush(), SETTLE_MS);
  }

  stop() {
    window.clearTimeout(this.timer);
  }

  private flush() {
    this.timer = undefined;
    const keys = [...this.keys.values()];
    this.keys.clear();
    for (const queryKey of keys) this.queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
  }
}

export function useLive(): Connection {
  const queries = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");

  useEffect(() => {
    const settling = new Settling(queries);
    const readClock = async () => {
      const { now, clock_speed } = await queries.fetchQuery({ ...health(), staleTime: 0 });
      setClock(Date.parse(now), clock_speed ?? 1);
    };
    let isLost = false;
    const stop = listen({
      onEvent: row => settling.add(touched(row)),
      onConnection: now => {
        setConnection(now);
        if (now === "live") {
          readClock().catch(() => {});
          if (isLost) queries.invalidateQueries();
        }
        isLost = now === "lost";
        // It may be the session that is over: then the answer leads to the login.
        if (isLost) queries.invalidateQueries({ queryKey: ["me"] });
      },
      onReset: () => queries.invalidateQueries(),
    });
    return () => {
      stop();
      settling.stop();
    };
  }, [queries]);
  return connection;
}
