// A text of many lines with their numbers; only those in sight are drawn.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import classes from "./Code.module.css";

const LINE = 20;
const TALLEST = 560;
const PADDING = 8;

export function Code({ label, children }: { label: string; children: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => children.replace(/\n$/, "").split("\n"), [children]);
  const widest = useMemo(() => Math.max(...lines.map(line => line.length)), [lines]);
  const shown = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE,
    overscan: 20,
    paddingStart: PADDING,
    paddingEnd: PADDING,
  });
  return (
    <div
      ref={frame}
      className={classes.frame}
      style={{ maxHeight: TALLEST }}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <div className={classes.whole} style={{ height: shown.getTotalSize(), width: `${widest + 9}ch` }}>
        {shown.getVirtualItems().map(item => (
          <div key={item.index} className={classes.line} style={{ top: item.start, height: LINE }}>
            <span className={classes.number}>{item.index + 1}</span>
            <JsonLine>{lines[item.index] ?? ""}</JsonLine>
          </div>
        ))}
      </div>
    </div>
  );
}

const KEY = /^(\s*)("(?:[^"\\]|\\.)*")(:.*)$/;

/** Of JSON that is written a member a line, the member's name stands out. */
function JsonLine({ children }: { children: string }) {
  const [, indent, name, rest] = KEY.exec(children) ?? [];
  if (name === undefined) return <span>{children}</span>;
  return (
    <span>
      {indent}
      <span className={classes.name}>{name}</span>
      {rest}
    </span>
  );
}
