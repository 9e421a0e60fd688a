// The map itself, at the level of detail that its scale allows.

import { type RefObject, useMemo } from "react";
import type { MapLayout } from "@/api/types";
import { Assets, LineLabels, StationLabels } from "./Labels";
import { detailOf, scaleOf } from "./levels";
import classes from "./Map.module.css";
import type { Picture } from "./picture";
import type { Plan } from "./plan";
import { Signs } from "./Signs";
import { StationMark } from "./StationMark";
import { Tracks } from "./Tracks";
import { Trains } from "./Trains";
import { useSigns } from "./useSigns";
import { ZoneNames, Zones } from "./Zones";
import type { Zone } from "./zones";

export interface DrawingProps {
  svg: RefObject<SVGSVGElement | null>;
  layer: RefObject<SVGGElement | null>;
  layout: MapLayout;
  plan: Plan;
  picture: Picture;
  /** What lines lie on, seen from far. */
  zones: Zone[];
  step: number;
  /** The moment that is shown. */
  now: number;
  /** What is not dimmed; nothing is, if it is null. */
  bright: Set<string> | null;
  lit: Set<string> | null;
  chosen: string | undefined;
  choose: (id: string) => void;
}

export function Drawing(props: DrawingProps) {
  const { svg, layer, layout, plan, picture, zones, step, now, bright, lit, chosen, choose } = props;
  const detail = useMemo(() => detailOf(scaleOf(step)), [step]);
  const isFar = detail === "far";
  const hasNames = detail === "near" || detail === "close";
  const signs = useSigns(plan, picture.lines, zones, step);
  return (
    <div className={classes.window}>
      <svg
        ref={svg}
        className={classes.svg}
        data-detail={detail}
        role="group"
        aria-label="Map of all DAGs and jobs"
      >
        <defs>
          <pattern
            id="hatch"
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <path d="M0 0V5" className={classes.hatch} />
          </pattern>
        </defs>
        <g ref={layer} data-layer>
          {isFar && !bright && <Zones zones={zones} />}
          <Tracks tracks={plan.tracks} closed={picture.closed} bright={bright} lit={lit} isFar={isFar} />
          {!isFar && <Assets layout={layout} bright={bright} />}
          {!isFar &&
            picture.stops.map(stop => (
              <StationMark
                key={stop.id}
                stop={stop}
                isDim={bright !== null && !bright.has(stop.id)}
                isChosen={stop.id === chosen}
                isLit={lit?.has(stop.id) ?? false}
                hasLanes={detail === "close"}
                choose={choose}
              />
            ))}
          {!isFar && <Trains trains={picture.trains} bright={bright} choose={choose} now={now} />}
          {hasNames && <StationLabels layout={layout} bright={bright} />}
          {hasNames ? (
            <LineLabels layout={layout} lines={picture.lines} bright={bright} choose={choose} />
          ) : (
            <>
              {isFar && !bright && <ZoneNames zones={zones} places={signs.places} scale={signs.scale} />}
              <Signs
                lines={picture.lines}
                places={signs.places}
                scale={signs.scale}
                bright={bright}
                chosen={chosen}
                choose={choose}
              />
            </>
          )}
        </g>
      </svg>
    </div>
  );
}
