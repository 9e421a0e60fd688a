import { memo } from "react";
import { onPress } from "@/parts/press";
import { GlyphPath } from "@/state/Glyph";
import { shownTask } from "@/state/states";
import classes from "./Map.module.css";
import type { Line } from "./picture";
import { DOT, type Place, SIGN_HEIGHT } from "./signs";
import { nameOf, signWidth } from "./useSigns";

const GLYPH_SCALE = 0.68;

interface SignProps {
  line: Line;
  place: Place;
  width: number;
  scale: number;
  isDim: boolean;
  isChosen: boolean;
  choose: (id: string) => void;
}

const Sign = memo(function Sign({ line, place, width, scale, isDim, isChosen, choose }: SignProps) {
  const { look, word } = shownTask(line.state);
  const urgency = line.urgency === "late" ? ", late" : line.urgency === "risk" ? ", at risk" : "";
  const name = `${line.dag}: ${word}${urgency}${line.closed ? `, ${line.closed}` : ""}`;
  const [wide, high] = place.isNamed ? [width, SIGN_HEIGHT] : [DOT, DOT];
  const at = place.isNamed ? -wide / 2 + SIGN_HEIGHT / 2 : 0;
  return (
    <g
      className={classes.sign}
      role="button"
      tabIndex={0}
      aria-label={name}
      aria-pressed={isChosen}
      data-id={line.id}
      data-look={look}
      data-color={line.plan.color}
      data-urgency={line.urgency}
      data-closed={line.closed ?? undefined}
      data-dim={isDim || undefined}
      data-chosen={isChosen || undefined}
      transform={`translate(${place.at[0] / scale} ${place.at[1] / scale})`}
      onClick={() => choose(line.id)}
      onKeyDown={onPress(() => choose(line.id))}
    >
      <title>{name}</title>
      <g className={classes.constant}>
        {line.urgency !== "fine" && (
          <rect
            className={classes.signEdge}
            x={-wide / 2 - 3}
            y={-high / 2 - 3}
            width={wide + 6}
            height={high + 6}
            rx={high / 2 + 3}
          />
        )}
        <rect
          className={classes.plate}
          x={-wide / 2}
          y={-high / 2}
          width={wide}
          height={high}
          rx={high / 2}
        />
        <g transform={`translate(${at} 0) scale(${GLYPH_SCALE})`}>
          <circle r="8.6" className={classes.signGround} />
          <GlyphPath look={look} />
        </g>
        {place.isNamed && (
          <text x={at + SIGN_HEIGHT / 2 + 1} y="4.3">
            {nameOf(line.plan.label)}
          </text>
        )}
      </g>
    </g>
  );
});

interface SignsProps {
  lines: Line[];
  places: Map<string, Place>;
  scale: number;
  bright: Set<string> | null;
  chosen: string | undefined;
  choose: (id: string) => void;
}

/** A DAG as one station: its name in the colour of its line, and the state that needs somebody most. */
export function Signs({ lines, places, scale, bright, chosen, choose }: SignsProps) {
  return (
    <g className={classes.signs}>
      {lines.map(line => {
        const { at, tie } = places.get(line.id) ?? {};
        if (!at || !tie) return null;
        const d = `M${tie[0] / scale} ${tie[1] / scale}L${at[0] / scale} ${at[1] / scale}`;
        const isDim = bright !== null && !bright.has(line.id);
        return (
          <path
            key={line.id}
            d={d}
            className={classes.tie}
            data-color={line.plan.color}
            data-dim={isDim || undefined}
          />
        );
      })}
      {lines.map(line => {
        const place = places.get(line.id);
        return (
          place && (
            <Sign
              key={line.id}
              line={line}
              place={place}
              width={signWidth(line.plan.label)}
              scale={scale}
              isDim={bright !== null && !bright.has(line.id)}
              isChosen={line.id === chosen}
              choose={choose}
            />
          )
        );
      })}
    </g>
  );
}
