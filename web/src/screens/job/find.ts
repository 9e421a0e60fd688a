// Where a text stands in a line, in any case. Pure.

export interface Piece {
  text: string;
  isFound: boolean;
}

export function piecesOf(line: string, wanted: string): Piece[] {
  if (wanted === "") return [{ text: line, isFound: false }];
  const lower = line.toLowerCase();
  // In a few languages a letter is longer in lower case: then places would not fit.
  if (lower.length !== line.length) return [{ text: line, isFound: lower.includes(wanted.toLowerCase()) }];
  const pieces: Piece[] = [];
  let from = 0;
  for (
    let at = lower.indexOf(wanted.toLowerCase());
    at >= 0;
    at = lower.indexOf(wanted.toLowerCase(), from)
  ) {
    if (at > from) pieces.push({ text: line.slice(from, at), isFound: false });
    from = at + wanted.length;
    pieces.push({ text: line.slice(at, from), isFound: true });
  }
  if (from < line.length) pieces.push({ text: line.slice(from), isFound: false });
  return pieces;
}
