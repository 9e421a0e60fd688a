// Calls over time as bars, a part for each source, against the quota and against what a sensor for
// each cluster would have made. The table below has the same in numbers.

import { useElementSize } from "@mantine/hooks";
import { shortWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Budget.module.css";
import { axisOf, type Bar, SOURCES } from "./calls";

const HEIGHT = 240;
const LEFT = 42;
const BOTTOM = 22;
const TOP = 8;
const TICK_EVERY = 130; // pixels

interface CallsChartProps {
  bars: Bar[];
  /** Calls that the quota allows in the time of a bar. */
  quota: number | null;
  hasSensors: boolean;
  now: number;
}

export function CallsChart({ bars, quota, hasSensors, now }: CallsChartProps) {
  const { ref, width } = useElementSize();
  const highest = Math.max(1, ...bars.map(bar => Math.max(total(bar), hasSensors ? (bar.sensor ?? 0) : 0)));
  const lines = axisOf(highest);
  const top = lines.at(-1) ?? highest;
  const y = (calls: number) => HEIGHT - BOTTOM - (calls / top) * (HEIGHT - BOTTOM - TOP);
  const step = Math.max(0, width - LEFT) / Math.max(1, bars.length);
  const shownQuota = quota !== null && quota <= top ? quota : null;
  return (
    <figure className={classes.figure} ref={ref}>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${Math.max(1, width)} ${HEIGHT}`}
        role="img"
        aria-label={label(bars)}
      >
        <Grid lines={lines} y={y} width={width} />
        {bars.map((bar, i) => (
          <OneBar key={bar.start} bar={bar} x={LEFT + i * step} width={step} y={y} now={now} />
        ))}
        {shownQuota !== null && <path className={classes.quota} d={`M${LEFT} ${y(shownQuota)}H${width}`} />}
        {hasSensors && <path className={classes.sensor} d={steps(bars, LEFT, step, y)} />}
        <Times bars={bars} step={step} now={now} />
      </svg>
      <ul className={classes.keys}>
        {SOURCES.map(({ source, name }) => (
          <li key={source} className={classes.key} data-source={source}>
            {name}
          </li>
        ))}
        {bars.some(bar => bar.throttled > 0) && <li className={classes.mark}>above a bar: throttled</li>}
        {hasSensors && <li className={classes.dashed}>a sensor for each cluster</li>}
        {quota !== null && (
          <li className={classes.solid}>
            the quota, {Math.round(quota)} for each bar{shownQuota === null && ": above the chart"}
          </li>
        )}
      </ul>
    </figure>
  );
}

const total = (bar: Bar) => bar.made.reduce((a, b) => a + b, 0);
const label = (bars: Bar[]) => `${bars.reduce((sum, bar) => sum + total(bar), 0)} calls over time, by source`;

function steps(bars: Bar[], left: number, step: number, y: (calls: number) => number): string {
  return bars
    .map(
      (bar, i) => `${i === 0 ? "M" : "L"}${left + i * step} ${y(bar.sensor ?? 0)}H${left + (i + 1) * step}`,
    )
    .join("");
}

function Grid({ lines, y, width }: { lines: number[]; y: (calls: number) => number; width: number }) {
  return (
    <g aria-hidden>
      {lines.map(calls => (
        <g key={calls}>
          <path className={classes.grid} d={`M${LEFT} ${y(calls)}H${width}`} />
          <text className={classes.axis} x={LEFT - 6} y={y(calls) + 4} textAnchor="end">
            {calls}
          </text>
        </g>
      ))}
    </g>
  );
}

function Times({ bars, step, now }: { bars: Bar[]; step: number; now: number }) {
  const zone = useZone();
  const every = Math.max(1, Math.ceil(TICK_EVERY / Math.max(1, step)));
  return (
    <g aria-hidden>
      {bars.map((bar, i) =>
        i % every === 0 ? (
          <text key={bar.start} className={classes.axis} x={LEFT + i * step} y={HEIGHT - 5}>
            {shortWords(bar.start, now, zone)}
          </text>
        ) : null,
      )}
    </g>
  );
}

interface OneBarProps {
  bar: Bar;
  x: number;
  width: number;
  y: (calls: number) => number;
  now: number;
}

function OneBar({ bar, x, width, y, now }: OneBarProps) {
  const zone = useZone();
  const words = SOURCES.flatMap(({ name }, i) => (bar.made[i] ? [`${bar.made[i]} ${name}`] : []));
  let below = 0;
  return (
    <g className={classes.bar}>
      <title>
        {[
          shortWords(bar.start, now, zone),
          words.join(", ") || "no call",
          ...(bar.throttled ? [`${bar.throttled} throttled`] : []),
          ...(bar.sensor === null ? [] : [`sensors: ${Math.round(bar.sensor)}`]),
        ].join("; ")}
      </title>
      <rect x={x} width={width} y={TOP} height={HEIGHT - BOTTOM - TOP} fill="transparent" />
      {SOURCES.map(({ source }, i) => {
        const calls = bar.made[i] ?? 0;
        const from = below;
        below += calls;
        return calls > 0 ? (
          <rect
            key={source}
            data-source={source}
            className={classes.part}
            x={x + Math.min(1, width / 8)}
            width={Math.max(0.5, width - Math.min(2, width / 4))}
            y={y(below)}
            height={y(from) - y(below)}
          />
        ) : null;
      })}
      {bar.throttled > 0 && <path className={classes.throttled} d={`M${x} ${y(below) - 4}h${width}`} />}
    </g>
  );
}
