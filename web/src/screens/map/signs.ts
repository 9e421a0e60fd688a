// Where the signs of the lines stand: each on its line or beside it, none over another, as few tracks
// as possible below. In pixels at one scale. Pure.

import type { Point } from "@/api/types";
import { around, type Box, boxOf, isWithin, meets, passes, Squares, type Stretch } from "./boxes";
import { along } from "./geometry";

export const SIGN_HEIGHT = 20;
/** A sign for whose name there is no room. */
export const DOT = 16;

export interface Wish {
  line: string;
  width: number;
  /** Those that come first are placed first. */
  rank: number;
  /** Of its stations, across the line: half of it. */
  half: number;
  /** The ways between the line's stops; one point if it has one stop. */
  ways: Point[][];
}

export interface Place {
  at: Point;
  isNamed: boolean;
}

export interface Ground {
  bounds: Box;
  /** Stretches of tracks: of a line, or between lines. */
  tracks: (Stretch & { line: string })[];
  /** Nothing may stand on these: stations. */
  blocks: Box[];
}

const FREE = 3; // between two signs
const BESIDE = SIGN_HEIGHT / 2 + FREE; // from its stations
const SAMPLES = [0.5, 0.25, 0.75, 0, 1];
const WAYS_MOST = 6;
const ROUNDS = 2;

// What it costs to stand on another line, on what joins lines, on a station, outside of the map, aside.
const COST = { line: 40, link: 9, block: 25, outside: 500, beside: 4, end: 5, distance: 0.01 };

interface Candidate {
  at: Point;
  cost: number;
}

function middleOf(points: Point[]): Point {
  const [xs, ys] = [points.map(p => p[0]), points.map(p => p[1])];
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

function candidates(wish: Wish): Candidate[] {
  const every = Math.max(1, Math.ceil(wish.ways.length / WAYS_MOST));
  const ways = wish.ways.filter((_, i) => i % every === 0);
  const bases = ways.flatMap(way =>
    way.length < 2 ? way.slice(0, 1) : SAMPLES.map(share => along(way, share).at),
  );
  const points = wish.ways.flat();
  const middle = middleOf(points);
  const away = (p: Point) => Math.hypot(p[0] - middle[0], p[1] - middle[1]) * COST.distance;
  const found: Candidate[] = [];
  for (const p of bases) {
    found.push({ at: p, cost: away(p) });
    for (const side of [BESIDE + wish.half, -BESIDE - wish.half])
      found.push({ at: [p[0], p[1] + side], cost: away(p) + COST.beside });
  }
  const half = wish.width / 2 + FREE;
  const byX = [...points].sort((a, b) => a[0] - b[0]);
  for (const [end, side] of [
    [byX[0], -half],
    [byX.at(-1), half],
  ] as const)
    if (end) found.push({ at: [end[0] + side, end[1]], cost: away(end) + COST.end });
  return found.sort((a, b) => a.cost - b.cost);
}

export function placeSigns(wishes: Wish[], ground: Ground): Map<string, Place> {
  const tracks = new Squares<Ground["tracks"][number]>();
  for (const track of ground.tracks) tracks.add(boxOf(track), track);
  const blocks = new Squares<Box>();
  for (const block of ground.blocks) blocks.add(block, block);
  const taken = new Squares<Box>();
  const boxes = new Map<string, Box>();
  const places = new Map<string, Place>();

  const isFree = (box: Box) => {
    for (const other of taken.near(box)) if (meets(other, box)) return false;
    return true;
  };
  const costOf = (line: string, box: Box, most: number) => {
    let cost = isWithin(box, ground.bounds) ? 0 : COST.outside;
    for (const block of blocks.near(box)) if (meets(block, box)) cost += COST.block;
    for (const track of tracks.near(box)) {
      if (cost >= most) break;
      if (track.line === line || !passes(track, box)) continue;
      cost += track.line === "" ? COST.link : COST.line;
    }
    return cost;
  };
  const best = (wish: Wish, all: Candidate[], width: number, height: number) => {
    let least = Number.POSITIVE_INFINITY;
    let found: Point | undefined;
    for (const { at, cost } of all) {
      if (cost >= least) break;
      const box = around(at, width + FREE, height + FREE);
      if (!isFree(box)) continue;
      const whole = cost + costOf(wish.line, box, least - cost);
      if (whole >= least) continue;
      least = whole;
      found = at;
    }
    return found;
  };
  const put = (line: string, at: Point, width: number, height: number) => {
    const box = around(at, width, height);
    taken.add(box, box);
    boxes.set(line, box);
    places.set(line, { at, isNamed: width > DOT });
  };

  const ordered = [...wishes]
    .sort((a, b) => a.rank - b.rank || (a.line < b.line ? -1 : 1))
    .map(wish => ({ wish, all: candidates(wish) }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { wish, all } of ordered) {
      const former = boxes.get(wish.line);
      if (former) taken.remove(former, former);
      const at = best(wish, all, wish.width, SIGN_HEIGHT);
      if (at) put(wish.line, at, wish.width, SIGN_HEIGHT);
    }
  }
  // Names first: what has no room for one takes none away.
  for (const { wish, all } of ordered) {
    if (places.has(wish.line)) continue;
    const at = best(wish, all, DOT, DOT) ?? all[0]?.at;
    if (at) put(wish.line, at, DOT, DOT);
  }
  return places;
}
