import { useQuery } from "@tanstack/react-query";
import { backfill } from "@/api/operations";
import { Answer } from "@/parts/Answer";
import { Soft } from "@/parts/Filters";
import { sharesOf, shownOutcome } from "@/state/backfills";
import classes from "./Backfills.module.css";

/** How many ticks of a backfill had their turn, and what became of them. */
export function Progress({ id }: { id: number }) {
  const details = useQuery(backfill(id));
  return (
    <Answer of={details} lines={1}>
      {one => {
        const shares = sharesOf(one);
        const pending = one.ticks.pending ?? 0;
        const words = `${one.num_ticks - pending} of ${one.num_ticks} ticks had their turn`;
        let x = 0;
        return (
          <div className={classes.progress}>
            <svg
              className={classes.bar}
              viewBox={`0 0 ${Math.max(1, one.num_ticks)} 8`}
              preserveAspectRatio="none"
              role="img"
              aria-label={words}
            >
              <rect width={Math.max(1, one.num_ticks)} height="8" className={classes.ground} />
              {shares
                .filter(share => share.outcome !== "pending")
                .map(({ outcome, count }) => {
                  const from = x;
                  x += count;
                  return (
                    <rect
                      key={outcome}
                      x={from}
                      width={count}
                      height="8"
                      data-look={shownOutcome(outcome).look}
                      className={classes.share}
                    />
                  );
                })}
            </svg>
            <Soft>
              {words}
              {shares
                .filter(share => share.outcome !== "pending")
                .map(({ outcome, count }) => `, ${count} ${outcome}`)}
            </Soft>
          </div>
        );
      }}
    </Answer>
  );
}
