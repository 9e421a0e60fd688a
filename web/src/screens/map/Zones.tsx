import { memo } from "react";
import type { Point } from "@/api/types";
import classes from "./Map.module.css";
import type { Place } from "./signs";
import type { Zone } from "./zones";

const pathOf = (ways: Point[][]) =>
  ways.map(way => (way.length === 1 ? `M${way[0]}h0.1` : `M${way.join("L")}`)).join("");

/** The areas, below all lines. */
export const Zones = memo(function Zones({ zones }: { zones: Zone[] }) {
  return (
    <g className={classes.zones}>
      {zones.map(zone => (
        <path key={zone.id} d={pathOf(zone.ways)} data-id={zone.id} data-color={zone.color} />
      ))}
    </g>
  );
});

interface ZoneNamesProps {
  zones: Zone[];
  places: Map<string, Place>;
  scale: number;
}

export function ZoneNames({ zones, places, scale }: ZoneNamesProps) {
  return (
    <g className={classes.zoneNames}>
      {zones.map(zone => {
        const place = places.get(zone.id);
        return (
          place?.isNamed && (
            <g
              key={zone.id}
              data-zone={zone.tag}
              data-color={zone.color}
              transform={`translate(${place.at[0] / scale} ${place.at[1] / scale})`}
            >
              <text y="5" className={classes.constant}>
                {zone.tag}
              </text>
            </g>
          )
        );
      })}
    </g>
  );
}
