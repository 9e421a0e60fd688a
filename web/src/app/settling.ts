// When queries are read again after events. Many changes come at once: the first is shown soon, the
// others with the next reading.

import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";

const FIRST_MS = 30; // what belongs together comes together
const PAUSE_MS = 300;

export class Settling {
  private readonly keys = new Map<string, QueryKey>();
  private readonly unfinished = new Set<Query>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastAt = 0;

  constructor(private readonly queries: QueryClient) {}

  /** These are old, with all whose keys begin like theirs; [] is the beginning of every key. */
  add(keys: QueryKey[]) {
    for (const key of keys) this.keys.set(JSON.stringify(key), key);
    this.timer ??= setTimeout(() => this.flush(), Math.max(FIRST_MS, this.lastAt + PAUSE_MS - Date.now()));
  }

  stop() {
    clearTimeout(this.timer);
  }

  private flush() {
    this.timer = undefined;
    this.lastAt = Date.now();
    const cache = this.queries.getQueryCache();
    const old = new Set(this.unfinished);
    for (const queryKey of this.keys.values())
      for (const query of cache.findAll({ queryKey })) old.add(query);
    this.keys.clear();
    this.unfinished.clear();
    // An answer that is under way may be from before the event: it is asked for again after it.
    for (const query of old) if (query.state.fetchStatus === "fetching") this.unfinished.add(query);
    this.queries.invalidateQueries({ predicate: query => old.has(query) && !this.unfinished.has(query) });
    if (this.unfinished.size > 0) this.add([]);
  }
}
