// Runs to the right, jobs down: a sign for each job of each run. Only what is in sight is drawn, and
// asked for once the scrolling rests, so a thousand runs of two hundred jobs scroll.

import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, memo, useMemo, useRef } from "react";
import type { DagDetails, Run } from "@/api/types";
import { Column } from "./Column";
import classes from "./Grid.module.css";
import { useGroups } from "./groups";
import { COLUMN, HEAD, INDENT, NAMES, ROW, TALLEST } from "./measures";
import { type Row, rowsOf } from "./rows";

interface GridProps {
  jobs: DagDetails["jobs"];
  /** The newest first. */
  runs: Run[];
}

export function Grid({ jobs, runs }: GridProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { open, toggle } = useGroups(jobs);
  const rows = useMemo(() => rowsOf(jobs, open), [jobs, open]);
  const across = useVirtualizer({
    horizontal: true,
    count: runs.length,
    getScrollElement: () => frame.current,
    estimateSize: () => COLUMN,
    paddingStart: NAMES,
    overscan: 2,
  });
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    paddingStart: HEAD,
    overscan: 3,
  });
  const longest = useMemo(() => Math.max(1, ...runs.map(run => run.duration ?? 0)), [runs]);
  const navigate = useNavigate();
  const onClick = (event: MouseEvent) => {
    const link = (event.target as Element).closest("a")?.getAttribute("href");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate({ href: link });
  };
  const asked = useRef(new Set<string>());
  const inSight = down.getVirtualItems();
  const first = inSight[0]?.index ?? 0;
  const last = inSight.at(-1)?.index ?? -1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the links in it are pressed by keys, which makes clicks
    <div
      ref={frame}
      onClick={onClick}
      className={classes.frame}
      style={{ maxHeight: TALLEST }}
      tabIndex={0}
      role="region"
      aria-label="Runs and jobs"
    >
      <div className={classes.whole} style={{ width: across.getTotalSize(), height: down.getTotalSize() }}>
        <Names
          rows={rows}
          first={first}
          last={last}
          height={down.getTotalSize()}
          open={open}
          toggle={toggle}
        />
        {across.getVirtualItems().map(item => {
          const run = runs[item.index];
          if (run && !across.isScrolling) asked.current.add(run.dag_run_id);
          return (
            run && (
              <Column
                key={run.dag_run_id}
                run={run}
                later={runs[item.index - 1]}
                left={item.start}
                rows={rows}
                first={first}
                last={last}
                longest={longest}
                isAsked={asked.current.has(run.dag_run_id)}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

interface NamesProps {
  rows: Row[];
  first: number;
  last: number;
  height: number;
  open: ReadonlySet<string>;
  toggle: (group: string) => void;
}

const Names = memo(function Names({ rows, first, last, height, open, toggle }: NamesProps) {
  return (
    <div className={classes.names} style={{ width: NAMES, height }}>
      <div className={classes.corner} style={{ height: HEAD }}>
        newest run first
      </div>
      {rows.slice(first, last + 1).map((row, i) => (
        <div
          key={row.key}
          className={row.kind === "band" ? classes.band : classes.name}
          style={{ top: HEAD + (first + i) * ROW, height: ROW, paddingLeft: row.depth * INDENT }}
          title={row.name}
        >
          {row.kind === "group" ? (
            <button
              type="button"
              className={classes.group}
              aria-expanded={open.has(row.path)}
              onClick={() => toggle(row.path)}
            >
              <span aria-hidden>{open.has(row.path) ? "▾" : "▸"}</span> {row.name}
            </button>
          ) : (
            row.name
          )}
        </div>
      ))}
    </div>
  );
});
