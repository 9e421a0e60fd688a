// The server's event stream, one for all tabs of a browser: browsers allow six connections to a
// host. The tab that holds the lock reads the stream and tells the others; when it goes, the next
// one gets the lock and goes on where the stream stood.

import type { HistoryRow } from "./types";

export type Connection = "connecting" | "live" | "lost";
type Message =
  | { kind: "event"; row: HistoryRow }
  | { kind: "connection"; now: Connection }
  | { kind: "ask" }
  | { kind: "files" }
  | { kind: "reset"; newest?: number };

const NAME = "signalbox-events";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

export interface Listener {
  onEvent(row: HistoryRow): void;
  onConnection(now: Connection): void;
  /** Files have other mistakes than before, or none any more. */
  onFiles(): void;
  /** What was read before may be wrong: everything has to be read again. */
  onReset(): void;
}

/** Begins to listen; the answer ends it. */
export function listen(listener: Listener): () => void {
  const channel = new BroadcastChannel(NAME);
  const ended = new AbortController();
  let lastSeq = 0;
  let connection: Connection = "connecting";
  let isLeader = false;

  const hear = (message: Message) => {
    if (message.kind === "event") {
      lastSeq = message.row.seq;
      listener.onEvent(message.row);
    } else if (message.kind === "connection") {
      connection = message.now;
      listener.onConnection(message.now);
    } else if (message.kind === "files") {
      listener.onFiles();
    } else if (message.kind === "reset") {
      lastSeq = message.newest ?? lastSeq;
      listener.onReset();
    } else if (isLeader) {
      channel.postMessage({ kind: "connection", now: connection } satisfies Message);
    }
  };
  const tell = (message: Message) => {
    hear(message);
    channel.postMessage(message);
  };
  channel.onmessage = event => hear(event.data);
  channel.postMessage({ kind: "ask" } satisfies Message);

  const lead = async () => {
    if (ended.signal.aborted) return;
    isLeader = true;
    await new Promise<void>(done => {
      const stop = follow(() => lastSeq, tell);
      ended.signal.addEventListener("abort", () => {
        stop();
        done();
      });
    });
  };
  navigator.locks.request(NAME, { signal: ended.signal }, lead).catch(() => {}); // ended before its turn
  return () => {
    ended.abort();
    channel.close();
  };
}

/** Reads the stream, and comes back with its place after each end. */
function follow(lastSeq: () => number, tell: (message: Message) => void): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let wait = FIRST_WAIT_MS;

  const open = () => {
    const place = lastSeq();
    source = new EventSource(place ? `/api/v2/events?last_event_id=${place}` : "/api/v2/events");
    source.onopen = () => {
      wait = FIRST_WAIT_MS;
      tell({ kind: "connection", now: "live" });
      // Nobody was told of what changed since the first readings.
      if (!place) tell({ kind: "reset" });
    };
    source.onmessage = event => tell({ kind: "event", row: JSON.parse(event.data) });
    source.addEventListener("import-errors", () => tell({ kind: "files" }));
    source.addEventListener("reset", event => tell({ kind: "reset", newest: JSON.parse(event.data).newest }));
    source.onerror = () => {
      // A stream that ended after its time comes back at once, and is not worth a word.
      const isOver = source?.readyState === EventSource.CLOSED || wait > FIRST_WAIT_MS;
      source?.close();
      if (isOver) tell({ kind: "connection", now: "lost" });
      timer = window.setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  open();
  return () => {
    window.clearTimeout(timer);
    source?.close();
  };
}
