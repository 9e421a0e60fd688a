import { along } from "./geometry";
import classes from "./Map.module.css";
import { shareOf, type Train } from "./picture";
import { CELL } from "./plan";

const LENGTH = 0.66 * CELL;
const HEIGHT = 0.23 * CELL;
const NOSE = 0.2 * CELL;
const BODY = `M${-LENGTH / 2} ${-HEIGHT / 2}H${LENGTH / 2 - NOSE}L${LENGTH / 2} 0L${LENGTH / 2 - NOSE} ${HEIGHT / 2}H${-LENGTH / 2}Z`;

interface TrainsProps {
  trains: Train[];
  bright: Set<string> | null;
  choose: (id: string) => void;
  now: number;
}

/** Clusters at work, on their way to the station that they will have done. */
export function Trains({ trains, bright, choose, now }: TrainsProps) {
  return (
    <g>
      {trains.map(train => {
        const share = shareOf(train, now);
        const { at, angle } = along(train.way, share);
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the station is the button for it
          <g
            key={train.id}
            className={classes.train}
            data-dim={(bright !== null && !bright.has(train.stop)) || undefined}
            data-color={train.color}
            data-bad={train.state.startsWith("ZERO") || undefined}
            transform={`translate(${at[0]} ${at[1]}) rotate(${angle})`}
            onClick={() => choose(train.stop)}
          >
            <title>
              {train.cluster ?? "A cluster"} at work on {train.label}
              {train.end ? `, ${Math.round(share * 100)} % of its expected time` : ""}
            </title>
            <path d={BODY} />
          </g>
        );
      })}
    </g>
  );
}
