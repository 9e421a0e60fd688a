// Where the boxes of a graph stand: in columns by what they depend on, and in an order with few crossings
// (Sugiyama's method: ranks, then sweeps by the mean place of the neighbours). Pure.

import type { Graph } from "./graph";

export interface Placed {
  /** Column and row of each box. */
  at: Map<string, { column: number; row: number }>;
  /** Each edge with the rows that it passes in the columns between. */
  edges: { from: string; to: string; via: { column: number; row: number }[] }[];
  columns: number;
  rows: number;
}

const SWEEPS = 8;

export function placed({ boxes, edges }: Graph): Placed {
  const rank = ranksOf(
    boxes.map(box => box.id),
    edges,
  );
  const columns: string[][] = [];
  const put = (id: string, column: number) => {
    columns[column] ??= [];
    columns[column].push(id);
  };
  for (const box of boxes) put(box.id, rank.get(box.id) ?? 0);

  // An edge over several columns takes a place in each.
  const chains = edges.map((edge, i) => {
    const chain = [edge.from];
    for (let column = (rank.get(edge.from) ?? 0) + 1; column < (rank.get(edge.to) ?? 0); column++) {
      const id = `via:${i}:${column}`;
      put(id, column);
      chain.push(id);
    }
    return [...chain, edge.to];
  });
  const next = new Map<string, string[]>();
  const previous = new Map<string, string[]>();
  for (const chain of chains)
    chain.forEach((id, i) => {
      const after = chain[i + 1];
      if (after === undefined) return;
      next.set(id, [...(next.get(id) ?? []), after]);
      previous.set(after, [...(previous.get(after) ?? []), id]);
    });
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    const order = isForward ? columns.slice(1) : columns.slice(0, -1).reverse();
    for (const column of order) sortBy(column, isForward ? previous : next, columns);
  }
  const rows = Math.max(0, ...columns.map(column => column.length));
  const at = new Map<string, { column: number; row: number }>();
  columns.forEach((column, x) => {
    column.forEach((id, i) => {
      at.set(id, { column: x, row: i + (rows - column.length) / 2 });
    });
  });
  return {
    at,
    edges: edges.map((edge, i) => ({
      ...edge,
      via: (chains[i] ?? []).slice(1, -1).flatMap(id => at.get(id) ?? []),
    })),
    columns: columns.length,
    rows,
  };
}

/** The longest way from a beginning. Folded groups may depend on each other: such a circle ends somewhere. */
function ranksOf(ids: string[], edges: { from: string; to: string }[]): Map<string, number> {
  const rank = new Map(ids.map(id => [id, 0]));
  for (let round = 0; round < ids.length; round++) {
    let hasChanged = false;
    for (const { from, to } of edges) {
      const least = (rank.get(from) ?? 0) + 1;
      if ((rank.get(to) ?? 0) >= least || least >= ids.length) continue;
      rank.set(to, least);
      hasChanged = true;
    }
    if (!hasChanged) break;
  }
  return rank;
}

function sortBy(column: string[], neighbours: Map<string, string[]>, columns: string[][]) {
  const place = new Map<string, number>();
  for (const one of columns) for (const [i, id] of one.entries()) place.set(id, (i + 0.5) / one.length);
  const mean = new Map(
    column.map(id => {
      const of = neighbours.get(id) ?? [];
      const own = place.get(id) ?? 0;
      return [id, of.length ? of.reduce((sum, one) => sum + (place.get(one) ?? 0), 0) / of.length : own];
    }),
  );
  column.sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0));
}
