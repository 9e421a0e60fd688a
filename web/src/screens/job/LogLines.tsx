import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { LogPage } from "@/api/types";
import { clockWords } from "@/time/words";
import { useZone } from "@/time/zone";
import { piecesOf } from "./find";
import classes from "./Job.module.css";

const LINE = 20; // more where a line is broken; each is measured when it is shown

interface LogLinesProps {
  lines: LogPage["content"];
  wanted: string;
  isFollowed: boolean;
}

export function LogLines({ lines, wanted, isFollowed }: LogLinesProps) {
  const frame = useRef<HTMLDivElement>(null);
  const zone = useZone();
  const inSight = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE,
    overscan: 30,
  });
  const { scrollToIndex } = inSight;
  useEffect(() => {
    if (isFollowed && lines.length > 0) scrollToIndex(lines.length - 1, { align: "end" });
  }, [isFollowed, lines.length, scrollToIndex]);
  return (
    <div ref={frame} className={classes.log} tabIndex={0} role="log" aria-label="Log">
      <div className={classes.lines} style={{ height: inSight.getTotalSize() }}>
        {inSight.getVirtualItems().map(item => {
          const line = lines[item.index];
          return (
            line && (
              <div
                key={item.index}
                ref={inSight.measureElement}
                data-index={item.index}
                className={classes.line}
                data-level={line.level}
                style={{ top: item.start }}
              >
                <span className={classes.soft}>
                  {line.timestamp ? clockWords(Date.parse(line.timestamp), zone) : line.logger}
                </span>
                <span>
                  {piecesOf(line.event, wanted).map((piece, i) =>
                    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no names, and do not move
                    piece.isFound ? <mark key={i}>{piece.text}</mark> : <span key={i}>{piece.text}</span>,
                  )}
                </span>
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}
