// What the server tells of makes what is shown old; nothing is asked for on a timer.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Connection, listen } from "@/api/live";
import { health } from "@/api/queries";
import type { HistoryRow } from "@/api/types";
import { setClock } from "@/time/clock";
import { Settling } from "./settling";

/** What changes without an event of its own: it is read again with every other change. */
const UNTOLD = [["health"], ["budget"], ["import-errors"]];
const EVERYTHING = [[]];

/** The keys of the queries that an event makes old. */
export function touched(row: HistoryRow): string[][] {
  const keys = [["map"], ...UNTOLD];
  if (row.dag_id && row.dag_run_id) keys.push(["runs", row.dag_id], ["runs", "~"], ["forecast"]);
  if (row.kind === "dag" || row.kind === "run") keys.push(["dags"]);
  if (row.kind === "dag") keys.push(["layout"]);
  if (row.kind === "cluster" || row.kind === "step" || row.kind === "launch")
    keys.push(["clusters"], ["pools"]);
  if (row.kind === "task") keys.push(["pools"]);
  if (row.kind === "hold") keys.push(["holds"]);
  if (row.kind === "run" || row.kind === "backfill") keys.push(["backfills"]);
  if (row.kind === "record") keys.push(["records"]);
  if (row.actor || row.kind === "access") keys.push(["audit"]);
  // What may have made a message.
  if (["dag", "run", "deadline", "hold", "record"].includes(row.kind)) keys.push(["notifiers"]);
  if (row.kind === "deadline") keys.push(["forecast"]);
  return keys;
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
          settling.add(isLost ? EVERYTHING : UNTOLD);
        }
        isLost = now === "lost";
        // It may be the session that is over: then the answer leads to the login.
        if (isLost) settling.add([["me"]]);
      },
      onFiles: () => settling.add([["import-errors"], ["health"]]),
      onReset: () => settling.add(EVERYTHING),
    });
    return () => {
      stop();
      settling.stop();
    };
  }, [queries]);
  return connection;
}
