import { useQuery } from "@tanstack/react-query";
import { deadlines, estate } from "@/api/queries";
import { verdictOf } from "@/screens/today/verdict";
import { Glyph } from "@/state/Glyph";
import { type Look, shownTask } from "@/state/states";
import { useNow } from "@/time/clock";
import { clockWords, dayWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./Wall.module.css";

const COUNTED: [Look, string][] = [
  ["failed", "failed"],
  ["retry", "waiting for a retry"],
  ["running", "running"],
  ["queued", "queued"],
];

/** How many jobs of the latest runs stand where. */
function Counts() {
  const all = useQuery(estate()).data?.dags ?? [];
  const looks = all.flatMap(dag =>
    dag.jobs.flatMap(job => job.members.map(member => shownTask(member.state).look)),
  );
  return (
    <p className={classes.counts}>
      {COUNTED.map(([look, word]) => (
        <span key={look} data-look={look}>
          <Glyph look={look} size={22} />
          <b>{looks.filter(one => one === look).length}</b> {word}
        </span>
      ))}
    </p>
  );
}

export function Head({ isLost, leave }: { isLost: boolean; leave: () => void }) {
  const now = useNow();
  const zone = useZone();
  const due = useQuery(deadlines()).data?.deadlines;
  return (
    <header className={classes.head}>
      <time className={classes.clock}>
        <b>{clockWords(now, zone)}</b> {dayWords(now, zone)}
      </time>
      <h1 className={classes.verdict}>{due ? verdictOf(due) : ""}</h1>
      <Counts />
      {isLost && (
        <p role="alert" className={classes.lost}>
          The connection to Signalbox is lost: this is how it was.
        </p>
      )}
      <button type="button" className={classes.leave} onClick={leave}>
        Leave (Esc)
      </button>
    </header>
  );
}
