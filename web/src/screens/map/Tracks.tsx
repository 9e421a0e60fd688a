import { memo } from "react";
import { roundedPath } from "./geometry";
import classes from "./Map.module.css";
import { CELL, type Track } from "./picture";

const BEND = 0.9 * CELL;

interface TracksProps {
  tracks: Track[];
  bright: Set<string> | null;
}

/** Bright only if both of its ends are. */
const isDim = (track: Track, bright: Set<string> | null) =>
  bright !== null && !track.ends.every(end => bright.has(end));

export const Tracks = memo(function Tracks({ tracks, bright }: TracksProps) {
  return (
    <g>
      {tracks.map(track => (
        <g
          key={track.id}
          className={classes.track}
          data-kind={track.kind}
          data-color={track.color}
          data-implied={track.isImplied || undefined}
          data-closed={track.isClosed || undefined}
          data-many={track.paths.length > 1 || undefined}
          data-dim={isDim(track, bright) || undefined}
        >
          {track.paths.map(path => {
            const d = roundedPath(path, BEND);
            return <path key={d} d={d} />;
          })}
        </g>
      ))}
    </g>
  );
});
