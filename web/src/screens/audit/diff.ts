// What a change took away and what it brought, as words of a record before it and after it. Pure.

export interface Piece {
  text: string;
  is: "kept" | "removed" | "added";
}

/** Both are lists with commas, such as "operator, all DAGs, disabled". */
export function diffWords(from: string, to: string): Piece[] {
  const before = pieces(from);
  const after = pieces(to);
  return [
    ...before.map((text): Piece => ({ text, is: after.includes(text) ? "kept" : "removed" })),
    ...after.filter(text => !before.includes(text)).map((text): Piece => ({ text, is: "added" })),
  ];
}

const pieces = (text: string) => text.split(/,\s+/).filter(Boolean);
