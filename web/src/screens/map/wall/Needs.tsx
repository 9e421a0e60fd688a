import { Glyph } from "@/state/Glyph";
import { shownTask } from "@/state/states";
import type { Line } from "../picture";
import { needOf } from "./tour";
import classes from "./Wall.module.css";

/** What needs somebody, in words: on a narrow screen, where no names fit on the map. */
export function Needs({ lines, halt }: { lines: Line[]; halt: string }) {
  const needed = lines.filter(line => needOf(line) > 0).sort((a, b) => needOf(b) - needOf(a));
  if (needed.length === 0) return null;
  return (
    <ol className={classes.needs} aria-label="What needs somebody">
      {needed.map(line => {
        const { look, word } = shownTask(line.state);
        return (
          <li key={line.id} data-look={look} data-here={line.id === halt || undefined}>
            <Glyph look={look} size={18} />
            <b>{line.dag}</b>
            <span>
              {word}
              {line.urgency === "late" ? ", late" : line.urgency === "risk" ? ", at risk" : ""}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
