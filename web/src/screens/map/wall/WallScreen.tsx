// The map on a wall: dark, nothing around it. It stops at each line that needs somebody, and shows the
// whole in between.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { estate, layout } from "@/api/queries";
import type { Estate, MapLayout } from "@/api/types";
import { useKeys } from "@/app/keys";
import { useLive } from "@/app/live";
import { SessionProvider } from "@/app/session";
import { Answer } from "@/parts/Answer";
import { useNow } from "@/time/clock";
import { useBlackoutEdges } from "../closed";
import { Drawing } from "../Drawing";
import { useExpected } from "../expected";
import { pictureMaker } from "../picture";
import { useZones } from "../useZones";
import { useView } from "../view";
import { Caption } from "./Caption";
import { Head } from "./Head";
import { Needs } from "./Needs";
import { boxOfLine, nextHalt, slicesOf, tourOf, WHOLE } from "./tour";
import { useAwake } from "./useAwake";
import { useDark } from "./useDark";
import classes from "./Wall.module.css";

const HALT_MS = 14_000;
const GLIDE_MS = 2_500;

export const WallScreen = () => (
  <SessionProvider>
    <Wall />
  </SessionProvider>
);

function Wall() {
  const connection = useLive();
  const places = useQuery(layout());
  const now = useQuery(estate());
  const navigate = useNavigate();
  useAwake();
  useDark();
  const leave = useMemo(() => () => navigate({ to: "/" }), [navigate]);
  useKeys(useMemo(() => ({ Escape: leave, q: leave }), [leave]));
  return (
    <main className={classes.wall}>
      <Head isLost={connection === "lost"} leave={leave} />
      <Answer of={places}>
        {theLayout => <Answer of={now}>{theEstate => <Tour layout={theLayout} estate={theEstate} />}</Answer>}
      </Answer>
    </main>
  );
}

const isCalm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const nothing = () => {};

function Tour({ layout, estate }: { layout: MapLayout; estate: Estate }) {
  const svg = useRef<SVGSVGElement>(null);
  const layer = useRef<SVGGElement>(null);
  const { fit, glide, step } = useView(svg, layer);
  useBlackoutEdges(estate);
  const expected = useExpected(estate);
  const { plan, draw } = useMemo(() => pictureMaker(layout), [layout]);
  const picture = useMemo(() => draw(estate, expected), [draw, estate, expected]);
  const zones = useZones(estate, plan);
  const now = useNow();
  const [{ halt, part }, setPlace] = useState({ halt: WHOLE, part: 0 });
  const slices = useMemo(
    () => slicesOf(plan.box, { width: window.innerWidth, height: window.innerHeight }),
    [plan],
  );

  const line = picture.lines.find(one => one.id === halt);
  const dag = estate.dags.find(one => one.id === halt);
  const tour = useRef([WHOLE]);
  tour.current = tourOf(picture.lines);
  useEffect(() => {
    const timer = window.setInterval(
      () =>
        setPlace(old =>
          old.halt === WHOLE && old.part + 1 < slices.length
            ? { halt: WHOLE, part: old.part + 1 }
            : { halt: nextHalt(tour.current, old.halt), part: 0 },
        ),
      HALT_MS,
    );
    return () => window.clearInterval(timer);
  }, [slices]);

  const box = useMemo(
    () => (line ? boxOfLine(line) : (slices[part] ?? plan.box)),
    [line, slices, part, plan],
  );
  const hasBegun = useRef(false);
  useEffect(() => {
    if (hasBegun.current && !isCalm()) return glide(box, GLIDE_MS);
    fit(box);
    hasBegun.current = true;
  }, [box, fit, glide]);
  useEffect(() => {
    const onSize = () => fit(box);
    window.addEventListener("resize", onSize);
    return () => window.removeEventListener("resize", onSize);
  }, [box, fit]);

  const bright = useMemo(() => (dag ? new Set([dag.id, ...dag.jobs.map(job => job.id)]) : null), [dag]);
  return (
    <>
      <div className={classes.map} data-halt={halt}>
        <Drawing
          {...{ svg, layer, layout, plan, picture, zones, step, now, bright }}
          lit={null}
          chosen={undefined}
          choose={nothing}
        />
        {dag && line && <Caption dag={dag} line={line} />}
      </div>
      <Needs lines={picture.lines} halt={halt} />
    </>
  );
}
