import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { useMemo } from "react";
import { CloseIcon } from "@/parts/icons";
import { clockWords, dayWords, relativeWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./FilmBar.module.css";
import { PauseIcon, PlayIcon } from "./icons";
import { SPAN } from "./reading";
import { type FilmState, SPEEDS } from "./useFilm";

const STEP = 5 * 60_000;
const DAY = 24 * 3600_000;
const WIDTH = 1000; // of the strip's drawing

/** Midnights in the zone that is shown. */
function midnights(from: number, to: number, zone: string): number[] {
  const found: number[] = [];
  for (let at = Math.ceil(from / (DAY / 24)) * (DAY / 24); at < to; at += DAY / 24)
    if (clockWords(at, zone) === "00:00") found.push(at);
  return found;
}

function Strip({ film, from, to }: { film: FilmState; from: number; to: number }) {
  const zone = useZone();
  const x = (at: number) => ((at - from) / (to - from)) * WIDTH;
  const days = useMemo(() => midnights(from, to, zone), [from, to, zone]);
  const begin = film.before.data?.from ?? from;
  return (
    <svg className={classes.strip} viewBox={`0 0 ${WIDTH} 22`} preserveAspectRatio="none" aria-hidden>
      <rect className={classes.before} x={x(begin)} width={Math.max(0, x(film.now) - x(begin))} height="22" />
      <rect className={classes.after} x={x(film.now)} width={WIDTH - x(film.now)} height="22" />
      {days.map(day => (
        <path key={day} className={classes.day} d={`M${x(day)} 0V22`} />
      ))}
      {film.before.data?.failures.map((at, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may fail at once
        <path key={i} className={classes.failure} d={`M${x(at)} 12V22`} />
      ))}
      <path className={classes.now} d={`M${x(film.now)} 0V22`} />
    </svg>
  );
}

/** A slider over the week before and the week to come. */
export function FilmBar({ film, isBesideDrawer }: { film: FilmState; isBesideDrawer: boolean }) {
  const zone = useZone();
  const [from, to] = [film.now - SPAN, film.now + SPAN];
  const isForecast = film.time === "forecast";
  const said = `${dayWords(film.at, zone)} ${clockWords(film.at, zone)}`;
  const trouble = film.before.error ?? film.after.error;
  const days = useMemo(() => midnights(from, to, zone), [from, to, zone]);
  return (
    <section
      className={classes.bar}
      aria-label="Film of two weeks"
      data-forecast={isForecast || undefined}
      data-beside={isBesideDrawer || undefined}
    >
      <div className={classes.head}>
        <ActionIcon
          variant="filled"
          radius="xl"
          aria-label={film.isPlaying ? "Pause the film" : "Play the film"}
          onClick={film.toggle}
        >
          {film.isPlaying ? <PauseIcon /> : <PlayIcon />}
        </ActionIcon>
        <NativeSelect
          size="xs"
          aria-label="Speed of the film"
          data={SPEEDS}
          value={film.speed}
          onChange={event => film.setSpeed(event.currentTarget.value)}
        />
        <strong className={classes.when}>
          <span className={classes.kind}>{isForecast ? "Forecast" : "Past"}</span> {said}
        </strong>
        <span className={classes.soft}>
          {relativeWords(film.at, film.now)}
          {isForecast && ", by typical durations"}
        </span>
        <Button size="compact-sm" onClick={film.close} leftSection={<CloseIcon />}>
          Live
        </Button>
      </div>
      <div className={classes.track}>
        <Strip film={film} from={from} to={to} />
        <input
          type="range"
          aria-label="Moment"
          aria-valuetext={said}
          min={from}
          max={to}
          step={STEP}
          value={film.at}
          onChange={event => film.show(Number(event.currentTarget.value))}
        />
        <div className={classes.days} aria-hidden>
          {days.map(day => (
            <span key={day} style={{ left: `${((day - from) / (to - from)) * 100}%` }}>
              {dayWords(day, zone).slice(0, 3)}
            </span>
          ))}
        </div>
      </div>
      {(film.before.isFetching || film.after.isFetching) && (
        <p role="status" className={classes.soft}>
          Reading the history and the forecast…
        </p>
      )}
      {trouble && (
        <p role="alert" className={classes.trouble}>
          {trouble.message}
        </p>
      )}
    </section>
  );
}
