import { memo } from "react";
import type { Label, MapLayout } from "@/api/types";
import { onPress } from "@/parts/press";
import classes from "./Map.module.css";
import type { Line } from "./picture";
import { CELL, inUnits } from "./plan";

function Text({ label, className, isDim }: { label: Label; className?: string; isDim: boolean }) {
  const [x, y] = inUnits(label.x, label.y);
  return (
    <text x={x} y={y} textAnchor={label.anchor} className={className} data-dim={isDim || undefined}>
      {label.text}
    </text>
  );
}

interface LabelsProps {
  layout: MapLayout;
  bright: Set<string> | null;
}

export const StationLabels = memo(function StationLabels({ layout, bright }: LabelsProps) {
  const isDim = (id: string) => bright !== null && !bright.has(id);
  return (
    <g className={classes.labels}>
      {layout.stations.map(station => (
        <Text
          key={station.id}
          label={station.label}
          className={station.interchange ? classes.interchangeLabel : classes.stationLabel}
          isDim={isDim(station.id)}
        />
      ))}
      {layout.assets.map(asset => (
        <Text key={asset.id} label={asset.label} className={classes.assetLabel} isDim={isDim(asset.id)} />
      ))}
    </g>
  );
});

interface LineLabelsProps extends LabelsProps {
  lines: Line[];
  choose: (id: string) => void;
}

/** What stands behind a line's name: that nothing runs there, or that it will not be done in time. */
const remark = (line: Line) =>
  line.closed
    ? ` (${line.closed})`
    : line.urgency === "late"
      ? " (late)"
      : line.urgency === "risk"
        ? " (at risk)"
        : "";

export const LineLabels = memo(function LineLabels({ layout, lines, bright, choose }: LineLabelsProps) {
  const places = new Map(layout.lines.map(line => [line.id, line.label_at]));
  return (
    <g className={classes.lineLabels}>
      {lines.map(line => {
        const place = places.get(line.id);
        if (!place) return null;
        const [x, y] = inUnits(place.x, place.y);
        return (
          <text
            key={line.id}
            x={x}
            y={y}
            textAnchor={place.anchor}
            data-color={line.plan.color}
            data-urgency={line.urgency}
            data-dim={(bright !== null && !bright.has(line.id)) || undefined}
            role="button"
            tabIndex={0}
            onClick={() => choose(line.id)}
            onKeyDown={onPress(() => choose(line.id))}
          >
            {line.plan.label}
            {remark(line)}
          </text>
        );
      })}
    </g>
  );
});

export const Assets = memo(function Assets({ layout, bright }: LabelsProps) {
  return (
    <g className={classes.assets}>
      {layout.assets.map(asset => {
        const [x, y] = inUnits(asset.x, asset.y);
        return (
          <g key={asset.id} data-dim={(bright !== null && !bright.has(asset.id)) || undefined}>
            <title>Asset {asset.label.text}</title>
            <rect
              x={x - CELL * 0.28}
              y={y - CELL * 0.28}
              width={CELL * 0.56}
              height={CELL * 0.56}
              transform={`rotate(45 ${x} ${y})`}
            />
          </g>
        );
      })}
    </g>
  );
});
