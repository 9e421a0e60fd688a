// Two texts, and what differs: with a sign and a colour before each line.

import { useMemo, useState } from "react";
import classes from "./Diff.module.css";
import { type DiffLine, diffLines, type Hunk, hunksOf } from "./lines";

interface DiffProps {
  label: string;
  before: string;
  after: string;
}

const SIGN = { same: " ", gone: "−", new: "+" };
const WORD = { same: "", gone: "before: ", new: "after: " };
const MOST_OPENED = 2000;

export function Diff({ label, before, after }: DiffProps) {
  const lines = useMemo(() => diffLines(before.split("\n"), after.split("\n")), [before, after]);
  const hunks = useMemo(() => hunksOf(lines), [lines]);
  const gone = lines.filter(line => line.kind === "gone").length;
  const added = lines.filter(line => line.kind === "new").length;
  if (gone + added === 0) return <p className={classes.none}>Nothing differs.</p>;
  return (
    <>
      <p className={classes.count}>
        {gone} {gone === 1 ? "line is" : "lines are"} gone, {added} {added === 1 ? "is" : "are"} new
      </p>
      <div className={classes.frame} tabIndex={0} role="region" aria-label={label}>
        {hunks.map((hunk, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: hunks have no names, and do not move
          <Part key={i} hunk={hunk} all={lines} />
        ))}
      </div>
    </>
  );
}

function Part({ hunk, all }: { hunk: Hunk; all: DiffLine[] }) {
  const [isOpen, setOpen] = useState(false);
  const [first] = hunk.lines;
  const end = first ? all.indexOf(first) : all.length;
  return (
    <>
      {hunk.hidden > 0 &&
        (isOpen ? (
          all
            .slice(Math.max(end - hunk.hidden, end - MOST_OPENED), end)
            .map(one => <Line key={one.after} of={one} />)
        ) : (
          <button type="button" className={classes.more} onClick={() => setOpen(true)}>
            … {hunk.hidden} equal {hunk.hidden === 1 ? "line" : "lines"}
          </button>
        ))}
      {hunk.lines.map(one => (
        <Line key={`${one.before}/${one.after}`} of={one} />
      ))}
    </>
  );
}

function Line({ of }: { of: DiffLine }) {
  return (
    <div className={classes.line} data-kind={of.kind}>
      <span className={classes.number}>{of.before}</span>
      <span className={classes.number}>{of.after}</span>
      <span className={classes.sign} aria-hidden>
        {SIGN[of.kind]}
      </span>
      <span className={classes.text}>
        {of.kind !== "same" && <span className={classes.unseen}>{WORD[of.kind]}</span>}
        {of.text}
      </span>
    </div>
  );
}
