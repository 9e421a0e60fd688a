// A cluster from its request to its end: what it was at each time, and where its steps lie in it.

import type { ClusterDetails } from "@/api/types";
import { shownCluster } from "@/state/states";
import { useNow } from "@/time/clock";
import { shortWords, spanWords } from "@/time/words";
import { useZone } from "@/time/zone";
import classes from "./LifeLine.module.css";
import { type Phase, phasesOf } from "./phases";

const WIDTH = 1000;
const BAND = 22;
const STEP = 16;

export function LifeLine({ cluster }: { cluster: ClusterDetails }) {
  const now = useNow();
  const zone = useZone();
  if (!cluster.created_at) return <p>EMR has not said yet when it was requested.</p>;
  const from = Date.parse(cluster.created_at);
  const to = Math.max(cluster.ended_at ? Date.parse(cluster.ended_at) : now, from + 1000);
  const x = (at: number) => ((at - from) / (to - from)) * WIDTH;
  const phases = phasesOf(cluster.timeline, from, to);
  const steps = cluster.steps.filter(step => step.start_date);
  const height = BAND + 6 + steps.length * (STEP + 4);
  return (
    <figure className={classes.figure}>
      <svg
        viewBox={`0 0 ${WIDTH} ${height}`}
        preserveAspectRatio="none"
        className={classes.line}
        style={{ height }}
        role="img"
        aria-label={wordsOf(phases)}
      >
        {phases.map(phase => (
          <g key={phase.from} data-look={shownCluster(phase.state).look}>
            <title>{phaseWords(phase)}</title>
            <rect
              x={x(phase.from)}
              width={Math.max(1, x(phase.to) - x(phase.from) - 1)}
              height={BAND}
              className={classes.phase}
            />
          </g>
        ))}
        {steps.map((step, i) => {
          const start = Date.parse(step.start_date ?? "");
          const end = step.end_date ? Date.parse(step.end_date) : to;
          return (
            <g key={step.step_id} data-look={shownCluster(step.state).look}>
              <title>
                Step {step.name}: {shownCluster(step.state).word}, {spanWords(end - start)}
              </title>
              <rect
                x={x(start)}
                y={BAND + 6 + i * (STEP + 4)}
                width={Math.max(2, x(end) - x(start))}
                height={STEP}
                className={classes.step}
              />
            </g>
          );
        })}
      </svg>
      <figcaption className={classes.words}>
        <span>{shortWords(from, now, zone)}</span>
        <ol>
          {phases.map(phase => (
            <li key={phase.from} data-look={shownCluster(phase.state).look}>
              {phaseWords(phase)}
            </li>
          ))}
        </ol>
        <span>{cluster.ended_at ? shortWords(to, now, zone) : "now"}</span>
      </figcaption>
    </figure>
  );
}

const phaseWords = (phase: Phase) => `${shownCluster(phase.state).word} ${spanWords(phase.to - phase.from)}`;
const wordsOf = (phases: Phase[]) => phases.map(phaseWords).join(", then ");
