import { memo } from "react";
import { roundedPath } from "./geometry";
import classes from "./Map.module.css";
import { CELL, type Track } from "./plan";

const BEND = 0.9 * CELL;

interface TracksProps {
  tracks: Track[];
  closed: Set<string>;
  bright: Set<string> | null;
  /** Of a critical path. */
  lit: Set<string> | null;
  /** Far away the tracks of a line are one. */
  isFar: boolean;
}

/** Bright only if both of its ends are. */
const isDim = (track: Track, bright: Set<string> | null) =>
  bright !== null && !track.ends.every(end => bright.has(end));

export const Tracks = memo(function Tracks({ tracks, closed, bright, lit, isFar }: TracksProps) {
  const shown = lit ? [...tracks].sort((a, b) => Number(lit.has(a.id)) - Number(lit.has(b.id))) : tracks;
  return (
    <g>
      {shown.map(track => (
        <g
          key={track.id}
          className={classes.track}
          data-id={track.id}
          data-kind={track.kind}
          data-color={track.color}
          data-implied={track.isImplied || undefined}
          data-closed={closed.has(track.line) || undefined}
          data-many={track.paths.length > 1 || undefined}
          data-lit={lit?.has(track.id) || undefined}
          data-dim={(isDim(track, bright) && !lit?.has(track.id)) || undefined}
        >
          {(isFar ? [track.way] : track.paths).map(path => {
            const d = roundedPath(path, BEND);
            return <path key={d} d={d} />;
          })}
        </g>
      ))}
    </g>
  );
});
