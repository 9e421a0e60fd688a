import { memo } from "react";
import type { Label, MapDag, MapLayout } from "@/api/types";
import { onPress } from "@/parts/press";
import { urgencyOf } from "@/state/states";
import classes from "./Map.module.css";
import { CELL, inUnits } from "./picture";

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
  dags: Map<string, MapDag>;
  choose: (id: string) => void;
}

/** What stands behind a line's name: that nothing runs there, or that it will not be done in time. */
function remark(dag: MapDag | undefined): string {
  if (dag?.is_paused) return " (paused)";
  const urgency = urgencyOf(dag?.run?.deadline?.status);
  return urgency === "late" ? " (late)" : urgency === "risk" ? " (at risk)" : "";
}

export const LineLabels = memo(function LineLabels({ layout, bright, dags, choose }: LineLabelsProps) {
  return (
    <g className={classes.lineLabels}>
      {layout.lines.map(line => {
        const dag = dags.get(line.id);
        const [x, y] = inUnits(line.label_at.x, line.label_at.y);
        return (
          <text
            key={line.id}
            x={x}
            y={y}
            textAnchor={line.label_at.anchor}
            data-color={line.color}
            data-urgency={urgencyOf(dag?.run?.deadline?.status)}
            data-dim={(bright !== null && !dag?.jobs.some(job => bright.has(job.id))) || undefined}
            role="button"
            tabIndex={0}
            onClick={() => choose(line.id)}
            onKeyDown={onPress(() => choose(line.id))}
          >
            {line.label}
            {remark(dag)}
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
