// Where the map stands when something is to be seen: the whole at first, then what the address, or the
// search, asks for. What is chosen on the map itself stays where it is.

import { type RefObject, useEffect, useRef } from "react";
import { boxAround } from "./boxes";
import { CELL, type Plan } from "./plan";
import type { useView } from "./view";

const FOCUS = 26 * CELL; // around what is looked at
const DRAWER = 390;
const NARROW = 820; // where the drawer lies below
const DRAWER_BELOW = 0.5;
const NARROW_FIRST = 600; // of the map's width, so that its beginning can be read

interface Wanted {
  plan: Plan;
  fit: ReturnType<typeof useView>["fit"];
  focus: string | undefined;
  /** What was chosen on the map. */
  chosenHere: RefObject<string | undefined>;
  /** Of the critical path, if it is asked for. */
  lit: Set<string> | null;
  bright: Set<string> | null;
  /** Pixels below the map that something lies over. */
  below: number;
}

export function useFirstView({ plan, fit, focus, chosenHere, lit, bright, below }: Wanted) {
  const hasFitted = useRef(false);
  useEffect(() => {
    if (focus !== undefined && focus === chosenHere.current) return;
    const isNarrow = window.innerWidth <= NARROW;
    const places = plan.stations.filter(one => one.id === focus || one.line === focus);
    if (places.length > 0) {
      fit(
        boxAround(
          places.map(one => one.at),
          FOCUS,
        ),
        besideDrawer(below),
      );
    } else if (!hasFitted.current) {
      const first = { ...plan.box, width: Math.min(plan.box.width, NARROW_FIRST) };
      fit(isNarrow ? first : plan.box, { bottom: below });
    }
    hasFitted.current = true;
  }, [fit, focus, plan, chosenHere, below]);

  // A critical path is shown in whole when it is asked for; it may change, and the view stays.
  const shownPath = useRef<string>(undefined);
  useEffect(() => {
    if (!lit) shownPath.current = undefined;
    if (!lit || !bright || shownPath.current === focus) return;
    const points = plan.stations.filter(one => bright.has(one.id)).map(one => one.at);
    if (points.length === 0) return;
    shownPath.current = focus;
    fit(boxAround(points, FOCUS), besideDrawer(below));
  }, [fit, focus, plan, lit, bright, below]);
}

const besideDrawer = (below: number) =>
  window.innerWidth <= NARROW
    ? { bottom: window.innerHeight * DRAWER_BELOW }
    : { right: DRAWER, bottom: below };
