// The jobs that decide when a run ends: from the one that ends last back through what it waited for last. Pure.

export interface Span {
  name: string;
  start: number | null;
  end: number | null;
}

/** Names, the earliest first. `upstream` has what a job depends on. */
export function criticalPath(spans: Span[], upstream: ReadonlyMap<string, string[]>): string[] {
  const byName = new Map(spans.filter(span => span.start !== null).map(span => [span.name, span]));
  const endOf = (span: Span) => span.end ?? Number.POSITIVE_INFINITY;
  const latest = (of: Span[]) =>
    of.reduce<Span | undefined>((a, b) => (a === undefined || endOf(b) > endOf(a) ? b : a), undefined);
  const path: string[] = [];
  const seen = new Set<string>();
  let at = latest([...byName.values()]);
  while (at && !seen.has(at.name)) {
    seen.add(at.name);
    path.unshift(at.name);
    at = latest((upstream.get(at.name) ?? []).flatMap(name => byName.get(name) ?? []));
  }
  return path;
}
