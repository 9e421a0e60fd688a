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
  /** The point of its line to which it is tied, if it stands away from it. */
  tie?: Point;
}

export interface Ground {
  bounds: Box;
  /** Stretches of tracks, with the lines at their ends: one line's, or between lines. */
  tracks: (Stretch & { lines: string[] })[];
  /** Nothing may stand on these: stations. */
  blocks: Box[];
}

const FREE = 3; // between two signs
const BESIDE = SIGN_HEIGHT / 2 + FREE; // from its stations
const SAMPLES = [0.5, 0.25, 0.75, 0, 1];
const WAYS_MOST = 6;
const ROUNDS = 2;

// What it costs to stand on another line, on what joins lines, on a station, and away from its line.
const COST = {
  line: 40,
  link: 9,
  block: 25,
  outside: 500,
  beside: 4,
  end: 5,
  distance: 0.01,
  away: 14,
  distant: 0.5,
};

interface Candidate {
  at: Point;
  cost: number;
  tie?: Point;
}

/** Both in the order of their costs. */
interface Candidates {
  near: Candidate[];
  away: Candidate[];
}

// Where there is no room at the line: around points of it.
const RINGS = [34, 52, 70, 92, 116, 144];
const DIRECTIONS = 16;
const TIES = 3;

function aroundThe(ties: Point[]): Candidate[] {
  const found: Candidate[] = [];
  for (const radius of RINGS)
    for (const tie of ties)
      for (let i = 0; i < DIRECTIONS; i += 1) {
        const angle = (2 * Math.PI * i) / DIRECTIONS;
        const at: Point = [tie[0] + radius * Math.cos(angle), tie[1] + radius * Math.sin(angle)];
        found.push({ at, cost: COST.away + radius * COST.distant, tie });
      }
  return found;
}

function middleOf(points: Point[]): Point {
  const [xs, ys] = [points.map(p => p[0]), points.map(p => p[1])];
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

function candidates(wish: Wish): Candidates {
  const every = Math.max(1, Math.ceil(wish.ways.length / WAYS_MOST));
  const ways = wish.ways.filter((_, i) => i % every === 0);
  const bases = ways.flatMap(way =>
    way.length < 2 ? way.slice(0, 1) : SAMPLES.map(share => along(way, share).at),
  );
  const points = wish.ways.flat();
  const middle = middleOf(points);
  const away = (p: Point) => Math.hypot(p[0] - middle[0], p[1] - middle[1]) * COST.distance;
  const beside = BESIDE + wish.half;
  const found: Candidate[] = [];
  for (const p of bases) {
    found.push({ at: p, cost: away(p) });
    for (const side of [beside, -beside])
      found.push({ at: [p[0], p[1] + side], cost: away(p) + COST.beside });
  }
  const half = wish.width / 2 + FREE;
  const byX = [...points].sort((a, b) => a[0] - b[0]);
  for (const [end, side] of [
    [byX[0], -half],
    [byX.at(-1), half],
  ] as const)
    for (const up of end ? [0, beside, -beside] : [])
      if (end)
        found.push({ at: [end[0] + side, end[1] + up], cost: away(end) + COST.end + Math.abs(up) / 8 });
  return { near: found.sort((a, b) => a.cost - b.cost), away: aroundThe(bases.slice(0, TIES)) };
}

/** A line for which there is no room at all has no sign. */
export function placeSigns(wishes: Wish[], ground: Ground): Map<string, Place> {
  const tracks = new Squares<Ground["tracks"][number]>();
  for (const track of ground.tracks) tracks.add(boxOf(track), track);
  const blocks = new Squares<Box>();
  for (const block of ground.blocks) blocks.add(block, block);
  const taken = new Squares<Box>();
  const boxes = new Map<string, Box>();
  const places = new Map<string, Place>();

  const isFree = (box: Box) => {
    let isIt = isWithin(box, ground.bounds);
    if (isIt)
      taken.near(box, other => {
        if (meets(other, box)) isIt = false;
      });
    return isIt;
  };
  const counted = new Set<object>();
  const costOf = (line: string, box: Box) => {
    let cost = 0;
    counted.clear();
    const count = (what: object, price: number) => {
      if (!counted.has(what)) cost += price;
      counted.add(what);
    };
    blocks.near(box, block => meets(block, box) && count(block, COST.block));
    tracks.near(box, track => {
      if (!track.lines.includes(line) && passes(track, box))
        count(track, track.lines.length > 1 ? COST.link : COST.line);
    });
    return cost;
  };
  const best = (wish: Wish, { near, away }: Candidates, width: number, height: number) => {
    let least = Number.POSITIVE_INFINITY;
    let found: Candidate | undefined;
    for (const list of [near, away])
      for (const candidate of list) {
        if (candidate.cost >= least) break;
        const box = around(candidate.at, width + FREE, height + FREE);
        if (!isFree(box)) continue;
        const cost = candidate.cost + costOf(wish.line, box);
        if (cost >= least) continue;
        least = cost;
        found = candidate;
      }
    return found;
  };
  const put = (line: string, { at, tie }: Candidate, width: number, height: number) => {
    const box = around(at, width, height);
    taken.add(box, box);
    boxes.set(line, box);
    places.set(line, { at, isNamed: width > DOT, tie });
  };

  const ordered = [...wishes]
    .sort((a, b) => a.rank - b.rank || (a.line < b.line ? -1 : 1))
    .map(wish => ({ wish, all: candidates(wish) }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { wish, all } of ordered) {
      const former = boxes.get(wish.line);
      if (former) taken.remove(former, former);
      const found = best(wish, all, wish.width, SIGN_HEIGHT);
      if (found) put(wish.line, found, wish.width, SIGN_HEIGHT);
    }
  }
  // Names first: what has no room for one takes none away.
  for (const { wish, all } of ordered) {
    if (places.has(wish.line)) continue;
    const found = best(wish, all, DOT, DOT);
    if (found) put(wish.line, found, DOT, DOT);
  }
  return places;
}
