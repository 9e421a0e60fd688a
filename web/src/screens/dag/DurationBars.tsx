import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useNow } from "@/time/clock";
import { spanTicks } from "@/time/ticks";
import { shortWords, spanWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Durations.module.css";
import type { Bar } from "./durations";

const TICKS = 4;

interface DurationBarsProps {
  dag: string;
  bars: Bar[];
  middle: number | undefined;
}

export function DurationBars({ dag, bars, middle }: DurationBarsProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current) frame.current.scrollLeft = frame.current.scrollWidth;
  }, []);
  const ticks = spanTicks(Math.max(...bars.map(bar => bar.ms)), TICKS);
  const top = Math.max(1, ticks.at(-1) ?? 1);
  const share = (ms: number) => `${(100 * ms) / top}%`;
  return (
    <div className={classes.chart}>
      <div className={classes.scale} aria-hidden>
        {ticks.map(ms => (
          <span key={ms} style={{ bottom: share(ms) }}>
            {spanWords(ms)}
          </span>
        ))}
      </div>
      <div
        ref={frame}
        className={classes.frame}
        tabIndex={0}
        role="region"
        aria-label="Durations, the oldest first"
      >
        <div className={classes.plot}>
          {ticks.map(ms => (
            <i key={ms} className={classes.line} style={{ bottom: share(ms) }} />
          ))}
          {middle !== undefined && (
            <i
              className={classes.middle}
              style={{ bottom: share(middle) }}
              title={`median ${spanWords(middle)}`}
            />
          )}
          {bars.map(bar => (
            <BarMark key={bar.run} dag={dag} bar={bar} height={share(bar.ms)} />
          ))}
        </div>
      </div>
    </div>
  );
}

function BarMark({ dag, bar, height }: { dag: string; bar: Bar; height: string }) {
  const zone = useZone();
  const now = useNow();
  const words = `${shortWords(Date.parse(bar.at), now, zone)}: ${bar.word}, ${spanWords(bar.ms)}`;
  const inside = (
    <span className={bar.isOpen ? classes.open : classes.bar} style={{ height }}>
      {bar.look === "failed" && "×"}
    </span>
  );
  const common = { className: classes.column, "data-look": bar.look, "aria-label": words, title: words };
  return bar.job ? (
    <Link
      to="/dags/$dag/runs/$run/jobs/$job"
      params={{ dag, run: bar.run, job: bar.job.job }}
      search={{ lane: bar.job.lane ?? undefined }}
      preload={false}
      {...common}
    >
      {inside}
    </Link>
  ) : (
    <Link to="/dags/$dag/runs/$run" params={{ dag, run: bar.run }} preload={false} {...common}>
      {inside}
    </Link>
  );
}
