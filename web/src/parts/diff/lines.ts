// The difference of two texts, line by line: the shortest one, by Myers' algorithm. Pure.

export interface DiffLine {
  kind: "same" | "gone" | "new";
  text: string;
  /** Numbers of the line in the text before and after, from 1. */
  before: number | null;
  after: number | null;
}

// Where two texts have less than that in common, all of one is gone and all of the other is new.
const MOST_CHANGES = 1500;

export function diffLines(before: string[], after: string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  const kinds = [
    ...repeat("same", head),
    ...(changes(a, b) ?? [...repeat("gone", a.length), ...repeat("new", b.length)]),
    ...repeat("same", tail),
  ];
  let i = 0;
  let j = 0;
  return kinds.map(kind => {
    if (kind === "gone") return { kind, text: before[i] ?? "", before: ++i, after: null };
    if (kind === "new") return { kind, text: after[j] ?? "", before: null, after: ++j };
    return { kind, text: after[j] ?? "", before: ++i, after: ++j };
  });
}

type Kind = DiffLine["kind"];
const repeat = (kind: Kind, times: number): Kind[] => Array.from({ length: times }, () => kind);

/** The kinds of the lines in order; nothing if there are too many changes. */
function changes(a: string[], b: string[]): Kind[] | undefined {
  const most = Math.min(a.length + b.length, MOST_CHANGES);
  const middle = most + 1;
  const reach = new Int32Array(2 * most + 3); // by diagonal: how far in `a` so many changes lead
  const steps: Step[] = [];
  for (let changed = 0; changed <= most; changed++) {
    const step = { from: changed + 1, reach: reach.slice(middle - changed - 1, middle + changed + 2) };
    steps.push(step);
    for (let k = -changed; k <= changed; k += 2) {
      let [x] = origin(step, k, changed);
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(steps, a.length, b.length);
    }
  }
  return undefined;
}

interface Step {
  /** The place of diagonal 0. */
  from: number;
  reach: Int32Array;
}

/** Where the diagonal is entered with that change, and by a new line (of `b`) or by one that is gone. */
function origin({ from, reach }: Step, k: number, changed: number): [x: number, isNew: boolean] {
  const above = reach[from + k + 1] ?? 0;
  const below = reach[from + k - 1] ?? 0;
  const isNew = k === -changed || (k !== changed && below < above);
  return changed === 0 ? [0, isNew] : [isNew ? above : below + 1, isNew];
}

function walkBack(steps: Step[], endX: number, endY: number): Kind[] {
  const kinds: Kind[] = [];
  let x = endX;
  let y = endY;
  for (let changed = steps.length - 1; changed >= 0; changed--) {
    const step = steps[changed];
    if (!step) break;
    const k = x - y;
    const [entered, isNew] = origin(step, k, changed);
    for (; x > entered; x--) kinds.push("same");
    y = x - k;
    if (changed === 0) break;
    kinds.push(isNew ? "new" : "gone");
    if (isNew) y--;
    else x--;
  }
  return kinds.reverse();
}

export interface Hunk {
  lines: DiffLine[];
  /** So many equal lines stand before it, and are not shown. */
  hidden: number;
}

const CONTEXT = 3;

/** The changes with a few lines around each; `hidden` of the last one, which has no lines, is the rest. */
export function hunksOf(lines: DiffLine[]): Hunk[] {
  const isShown = lines.map(() => false);
  lines.forEach((line, i) => {
    if (line.kind === "same") return;
    for (let at = Math.max(0, i - CONTEXT); at <= Math.min(lines.length - 1, i + CONTEXT); at++)
      isShown[at] = true;
  });
  const hunks: Hunk[] = [];
  let hidden = 0;
  let open: DiffLine[] | undefined;
  lines.forEach((line, i) => {
    if (!isShown[i]) {
      open = undefined;
      hidden++;
      return;
    }
    if (!open) {
      open = [];
      hunks.push({ lines: open, hidden });
      hidden = 0;
    }
    open.push(line);
  });
  if (hidden > 0) hunks.push({ lines: [], hidden });
  return hunks;
}
