import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { nextTicksOf } from "@/api/dag";
import { runsOf } from "@/api/queries";
import type { DagDetails } from "@/api/types";
import { Answer } from "@/parts/Answer";
import { Card } from "@/parts/Page";
import { Glyph } from "@/state/Glyph";
import { shownTask } from "@/state/states";
import { useNow } from "@/time/clock";
import { dayOf } from "@/time/local";
import { dayWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Calendar.module.css";
import { type Day, monthsOf, weeksOf } from "./calendar";
import { RUNS_MOST } from "./GridView";
import { NoRuns } from "./NoRuns";

const COMING = 60;
const AHEAD_MS = 28 * 24 * 3600 * 1000;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export default function CalendarView({ dag }: { dag: DagDetails }) {
  const runs = useQuery(runsOf(dag.dag_id, RUNS_MOST));
  const ticks = useQuery(nextTicksOf(dag.dag_id, COMING));
  const zone = useZone();
  const now = useNow();
  const today = dayOf(now, zone);
  const weeks = useMemo(() => {
    const from = Date.parse(`${today}T00:00:00Z`);
    const coming = (dag.is_paused ? [] : (ticks.data ?? []))
      .map(tick => Date.parse(tick.logical_date ?? tick.run_after))
      .filter(at => at < from + AHEAD_MS);
    return weeksOf(runs.data ?? [], coming, today, zone);
  }, [runs.data, ticks.data, zone, today, dag.is_paused]);
  return (
    <Card title="Calendar" beside="each day by its logical dates, as its worst run; dashed: to come">
      <Answer of={runs}>
        {list => (
          <>
            {list.length === 0 && <NoRuns dag={dag} />}
            <Weeks dag={dag.dag_id} weeks={weeks} today={today} />
            {list.length === RUNS_MOST && (
              <p className={classes.note}>The newest {RUNS_MOST} runs are shown; older days may be empty.</p>
            )}
          </>
        )}
      </Answer>
    </Card>
  );
}

function Weeks({ dag, weeks, today }: { dag: string; weeks: Day[][]; today: string }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current) frame.current.scrollLeft = frame.current.scrollWidth;
  }, []);
  const columns = `34px repeat(${weeks.length}, 30px)`;
  return (
    <div ref={frame} className={classes.frame} tabIndex={0} role="region" aria-label="Calendar">
      <div className={classes.weeks} style={{ gridTemplateColumns: columns }}>
        {monthsOf(weeks).map(month => (
          <span key={month.week} className={classes.month} style={{ gridRow: 1, gridColumn: month.week + 2 }}>
            {month.name}
          </span>
        ))}
        {WEEKDAYS.map((name, i) => (
          <span key={name} className={classes.weekday} style={{ gridRow: i + 2, gridColumn: 1 }}>
            {name}
          </span>
        ))}
        {weeks.map((week, x) =>
          week.map((day, y) => (
            <div
              key={day.day}
              className={classes.day}
              data-today={day.day === today || undefined}
              style={{ gridRow: y + 2, gridColumn: x + 2 }}
            >
              <DayMark dag={dag} day={day} />
            </div>
          )),
        )}
      </div>
    </div>
  );
}

function DayMark({ dag, day }: { dag: string; day: Day }) {
  const name = dayWords(Date.parse(day.day), "UTC");
  if (day.runs.length === 0)
    return (
      <span
        className={day.coming ? classes.coming : classes.empty}
        title={day.coming ? `${name}: ${count(day.coming)} to come` : name}
      />
    );
  const states = Map.groupBy(day.runs, run => shownTask(run.state).word);
  const words = `${name}: ${[...states].map(([word, list]) => `${list.length} ${word}`).join(", ")}`;
  return (
    <Link
      to="/dags/$dag"
      params={{ dag }}
      search={{ view: "runs", day: day.day }}
      preload={false}
      className={classes.runs}
      data-look={day.look}
      aria-label={words}
      title={words}
    >
      <Glyph look={day.look} size={18} />
      {day.runs.length > 1 && <sub>{day.runs.length}</sub>}
    </Link>
  );
}

const count = (runs: number) => (runs === 1 ? "1 run" : `${runs} runs`);
