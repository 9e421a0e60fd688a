// Calls to EMR by time, action and source, for a chart and for a table. Pure.

import type { CallHistory, CallSource } from "@/api/operationTypes";

/** In the order in which they lie upon each other. */
export const SOURCES: { source: CallSource; name: string; words: string }[] = [
  { source: "sweep", name: "sweeps", words: "ListClusters sees all clusters at once" },
  { source: "look", name: "looks", words: "at one cluster of which an event or a sweep told something" },
  { source: "audit", name: "audits", words: "of nodes, in turn, whatever was told" },
  { source: "launch", name: "launches", words: "and what became of those whose answer was lost" },
  { source: "terminate", name: "terminations", words: "of clusters that are done or doomed" },
];
const LINES = 4; // or one more

/** A sensor would have made these; it would launch and terminate just the same. */
const READS: CallSource[] = ["sweep", "look", "audit"];

export interface Bar {
  start: number;
  /** By the place of SOURCES. */
  made: number[];
  throttled: number;
  sensor: number | null;
}

export function barsOf({ buckets }: CallHistory, action: string | undefined): Bar[] {
  return buckets.map(({ start, calls, cluster_minutes }) => {
    const shown = calls.filter(call => !action || call.action === action);
    return {
      start: Date.parse(start),
      made: SOURCES.map(({ source }) =>
        sum(shown.filter(call => call.source === source).map(call => call.made)),
      ),
      throttled: sum(shown.map(call => call.throttled)),
      sensor: cluster_minutes,
    };
  });
}

export interface Line {
  action: string;
  source: CallSource;
  made: number;
  throttled: number;
}

/** Of the whole time, the most first. */
export function linesOf({ buckets }: CallHistory): Line[] {
  const all = buckets.flatMap(bucket => bucket.calls);
  return [...Map.groupBy(all, call => `${call.action}/${call.source}`).values()]
    .flatMap(calls => {
      const [first] = calls;
      if (!first) return [];
      return [
        {
          action: first.action,
          source: first.source,
          made: sum(calls.map(call => call.made)),
          throttled: sum(calls.map(call => call.throttled)),
        },
      ];
    })
    .sort((a, b) => b.made - a.made);
}

export interface Comparison {
  reads: number;
  /** Not known to those who see a part of the DAGs. */
  sensors: number | null;
}

export function comparison(history: CallHistory): Comparison {
  const reads = linesOf(history).filter(line => READS.includes(line.source));
  const minutes = history.buckets.map(bucket => bucket.cluster_minutes);
  return {
    reads: sum(reads.map(line => line.made)),
    sensors: minutes.some(one => one === null) ? null : Math.round(sum(minutes.map(one => one ?? 0))),
  };
}

export function comparisonWords({ reads, sensors }: Comparison): string {
  if (sensors === null) return "";
  if (sensors === 0) return "No cluster was up, so a sensor for each would have made no call.";
  const times = reads > 0 ? sensors / reads : 0;
  const asMany = `A sensor for each cluster that calls DescribeCluster once a minute would have made ${sensors} calls.`;
  if (times === 0) return asMany;
  return times >= 1
    ? `${asMany} That is ${times.toFixed(1)} times as many.`
    : `${asMany} That is fewer: with few clusters the sweeps cost more than they save.`;
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

/** The lines of an axis: round whole numbers, from 0 to the first at or above the highest bar. */
export function axisOf(highest: number): number[] {
  const rough = Math.max(1, highest / LINES);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(times => times * size).find(one => one >= rough) ?? rough;
  return Array.from({ length: Math.ceil(Math.max(1, highest) / step) + 1 }, (_, i) => i * step);
}
