import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { DagJob } from "@/api/types";
import { Glyph } from "@/state/Glyph";
import type { JobOfRun } from "@/state/jobs";
import { shownTask, together } from "@/state/states";
import classes from "./Graph.module.css";
import type { Box, Graph } from "./graph";
import { type Placed, placed } from "./layers";

const WIDTH = 196;
const HEIGHT = 50;
const ACROSS = WIDTH + 64;
const DOWN = HEIGHT + 18;
const EDGE = 2; // room for the outlines

type Place = { column: number; row: number };
const left = ({ column }: Place) => EDGE + column * ACROSS;
const middle = ({ row }: Place) => EDGE + row * DOWN + HEIGHT / 2;

interface GraphPictureProps {
  graph: Graph;
  jobs: DagJob[];
  /** By job id: what it is in the run, in each lane. */
  states: Map<string, JobOfRun[]>;
  toggle: (group: string) => void;
}

export function GraphPicture({ graph, jobs, states, toggle }: GraphPictureProps) {
  const places = useMemo(() => placed(graph), [graph]);
  const width = places.columns * ACROSS - (ACROSS - WIDTH) + 2 * EDGE;
  const height = places.rows * DOWN + 2 * EDGE;
  return (
    <div className={classes.frame} tabIndex={0} role="region" aria-label="Graph">
      <div className={classes.whole} style={{ width, height }}>
        <svg width={width} height={height} className={classes.edges} aria-hidden>
          {places.edges.map(edge => (
            <path key={`${edge.from}>${edge.to}`} d={wayOf(edge, places)} className={classes.edge} />
          ))}
        </svg>
        {graph.boxes.map(box => {
          const at = places.at.get(box.id);
          return (
            at && (
              <div
                key={box.id}
                className={classes.place}
                style={{ left: left(at), top: middle(at) - HEIGHT / 2, width: WIDTH, height: HEIGHT }}
              >
                <BoxMark
                  box={box}
                  jobs={jobs.filter(job => box.jobs.includes(job.job_id))}
                  inRun={box.jobs.flatMap(id => states.get(id) ?? [])}
                  toggle={toggle}
                />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

/** From the right side of one box to the left side of the other, past the boxes between. */
function wayOf({ from, to, via }: Placed["edges"][number], { at }: Placed): string {
  const start = at.get(from);
  const end = at.get(to);
  if (!start || !end) return "";
  const points: [number, number][] = [
    [left(start) + WIDTH, middle(start)],
    ...via.flatMap((one): [number, number][] => [
      [left(one), middle(one)],
      [left(one) + WIDTH, middle(one)],
    ]),
    [left(end), middle(end)],
  ];
  return points
    .map(([x, y], i) => {
      const [beforeX, beforeY] = points[i - 1] ?? [x, y];
      if (i === 0) return `M${x} ${y}`;
      const bend = beforeX + (x - beforeX) / 2;
      return `C${bend} ${beforeY} ${bend} ${y} ${x} ${y}`;
    })
    .join("");
}

interface BoxMarkProps {
  box: Box;
  jobs: DagJob[];
  inRun: JobOfRun[];
  toggle: (group: string) => void;
}

function BoxMark({ box, jobs, inRun, toggle }: BoxMarkProps) {
  const state = together(inRun.map(job => job.state));
  const { look, word } = shownTask(state);
  const about = aboutOf(box, jobs);
  const inside = (
    <>
      <Glyph look={look} size={20} />
      <span className={classes.words}>
        <span className={classes.title}>{box.title}</span>
        {about && <span className={classes.about}>{about}</span>}
      </span>
    </>
  );
  const words = `${box.title}: ${word}${about ? `, ${about}` : ""}`;
  if (box.kind === "group")
    return (
      <button
        type="button"
        className={classes.group}
        data-look={look}
        aria-label={`Open the group ${words}`}
        title={words}
        onClick={() => toggle(box.title)}
      >
        {inside}
      </button>
    );
  const shown = inRun.find(job => job.state === state) ?? inRun[0];
  if (!shown)
    return (
      <div className={classes.box} data-look={look} title={words}>
        {inside}
      </div>
    );
  return (
    <Link
      to="/dags/$dag/runs/$run/jobs/$job"
      params={{ dag: shown.dag, run: shown.run, job: shown.job }}
      search={{
        lane: shown.lane ?? undefined,
        index: shown.index >= 0 ? String(shown.index) : undefined,
      }}
      preload={false}
      className={classes.box}
      data-look={look}
      aria-label={words}
      title={words}
    >
      {inside}
    </Link>
  );
}

function aboutOf(box: Box, jobs: DagJob[]): string {
  const lanes = new Set(jobs.flatMap(job => job.lane_id ?? [])).size;
  const others = new Set(jobs.flatMap(job => job.depends_on_dags.map(one => one.dag_id)));
  return [
    box.kind === "group" && `${box.jobs.length} jobs`,
    lanes > 0 && `${lanes} ${lanes === 1 ? "lane" : "lanes"}`,
    jobs.some(job => job.is_mapped) && box.kind === "job" && "mapped",
    others.size > 0 && `after ${[...others].join(", ")}`,
  ]
    .filter(Boolean)
    .join(", ");
}
