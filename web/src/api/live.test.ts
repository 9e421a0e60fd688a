import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Listener, listen } from "./live";
import type { HistoryRow } from "./types";

class Source {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 1;
  onopen = () => {};
  onerror = () => {};
  onmessage = (_: { data: string }) => {};
  private readonly others = new Map<string, (event: { data: string }) => void>();
  constructor(readonly url: string) {
    Source.all.push(this);
  }
  addEventListener(name: string, hear: (event: { data: string }) => void) {
    this.others.set(name, hear);
  }
  tell = (row: Partial<HistoryRow>) => this.onmessage({ data: JSON.stringify(row) });
  reset = (newest: number) => this.others.get("reset")?.({ data: JSON.stringify({ newest }) });
  files = () => this.others.get("import-errors")?.({ data: "{}" });
  close() {}
}

const listener = {
  onEvent: vi.fn(),
  onConnection: vi.fn(),
  onFiles: vi.fn(),
  onReset: vi.fn(),
} satisfies Listener;
const latest = () => Source.all.at(-1) as Source;
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("navigator", { locks: { request: (_: string, __: object, lead: () => unknown) => lead() } });
  Source.all = [];
  for (const one of Object.values(listener)) one.mockClear();
  stop = listen(listener);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function comesBack() {
  latest().onerror();
  vi.advanceTimersByTime(60_000);
  latest().onopen();
}

test("what changed before the stream began is read, whatever it was", () => {
  expect(listener.onReset).not.toHaveBeenCalled();
  latest().onopen();
  expect(listener.onReset).toHaveBeenCalledOnce();
});

test("a stream that comes back goes on where it stood, and nothing is read again for it", () => {
  latest().onopen();
  latest().tell({ seq: 7 });
  comesBack();
  expect(latest().url).toBe("/api/v2/events?last_event_id=7");
  expect(listener.onReset).toHaveBeenCalledOnce();
});

test("one that comes back without a place has everything read again", () => {
  latest().onopen();
  comesBack();
  expect(latest().url).toBe("/api/v2/events");
  expect(listener.onReset).toHaveBeenCalledTimes(2);
});

test("after a backup was restored it goes on from there", () => {
  latest().onopen();
  latest().tell({ seq: 70 });
  latest().reset(5);
  expect(listener.onReset).toHaveBeenCalledTimes(2);
  comesBack();
  expect(latest().url).toBe("/api/v2/events?last_event_id=5");
});

test("that files have other mistakes is told", () => {
  latest().onopen();
  expect(listener.onFiles).not.toHaveBeenCalled();
  latest().files();
  expect(listener.onFiles).toHaveBeenCalledOnce();
});
