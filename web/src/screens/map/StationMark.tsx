import { memo } from "react";
import type { Point } from "@/api/types";
import { onPress } from "@/parts/press";
import { GlyphPath } from "@/state/Glyph";
import { shownTask } from "@/state/states";
import classes from "./Map.module.css";
import type { Stop } from "./picture";
import { CELL, STATION_RADIUS, TRACK_GAP } from "./plan";

const GLYPH_RADIUS = 9; // of the drawing of a sign
const HALO = 0.3 * CELL;

/** A capsule across the tracks, which run along the x axis here. */
function Capsule({ span, grow, className }: { span: number; grow: number; className?: string }) {
  const radius = STATION_RADIUS + grow;
  const half = ((span - 1) * TRACK_GAP) / 2 + radius;
  return (
    <rect x={-radius} y={-half} width={2 * radius} height={2 * half} rx={radius} className={className} />
  );
}

function Sign({
  look,
  radius,
  at,
}: {
  look: ReturnType<typeof shownTask>["look"];
  radius: number;
  at: Point;
}) {
  return (
    <g transform={`translate(${at[0]} ${at[1]}) scale(${radius / GLYPH_RADIUS})`}>
      <GlyphPath look={look} />
    </g>
  );
}

interface StationMarkProps {
  stop: Stop;
  isDim: boolean;
  isChosen: boolean;
  /** It lies on the critical path. */
  isLit: boolean;
  hasLanes: boolean;
  choose: (id: string) => void;
}

export const StationMark = memo(function StationMark({
  stop,
  isDim,
  isChosen,
  isLit,
  hasLanes,
  choose,
}: StationMarkProps) {
  const { look, word } = shownTask(stop.state);
  const urgency = stop.urgency === "late" ? ", late" : stop.urgency === "risk" ? ", at risk" : "";
  const name = `${stop.dag} / ${stop.job}: ${word}${urgency}${stop.closed ? `, ${stop.closed}` : ""}`;
  const { at, angle, span, isInterchange } = stop.plan;
  const isSplit = hasLanes && stop.lanes.length > 1;
  return (
    <g
      className={classes.station}
      role="button"
      tabIndex={0}
      aria-label={name}
      aria-pressed={isChosen}
      data-look={look}
      data-id={stop.id}
      data-dim={isDim || undefined}
      data-lit={isLit || undefined}
      data-closed={stop.closed ?? undefined}
      data-interchange={isInterchange || undefined}
      transform={`translate(${at[0]} ${at[1]})`}
      onClick={() => choose(stop.id)}
      onKeyDown={onPress(() => choose(stop.id))}
    >
      <title>{name}</title>
      <g className={classes.mark}>
        <g transform={angle ? `rotate(${angle})` : undefined}>
          {stop.urgency === "risk" && <Capsule span={span} grow={HALO} className={classes.halo} />}
          {stop.urgency === "late" && <Capsule span={span} grow={HALO} className={classes.late} />}
          {isLit && <Capsule span={span} grow={HALO * 0.8} className={classes.litStation} />}
          {isChosen && <Capsule span={span} grow={HALO * 1.5} className={classes.chosen} />}
          <Capsule span={span} grow={0} className={classes.capsule} />
          {isSplit &&
            stop.lanes.map(({ member, offset }) => (
              <g
                key={member.id}
                transform={`translate(0 ${offset})`}
                data-look={shownTask(member.state).look}
              >
                <circle r={TRACK_GAP * 0.44} className={classes.lane} />
                <g transform={angle ? `rotate(${-angle})` : undefined}>
                  <Sign look={shownTask(member.state).look} radius={TRACK_GAP * 0.42} at={[0, 0]} />
                </g>
              </g>
            ))}
        </g>
        {!isSplit && <Sign look={look} radius={STATION_RADIUS * 0.98} at={[0, 0]} />}
      </g>
      <circle r={STATION_RADIUS * 2} className={classes.target} />
    </g>
  );
});
