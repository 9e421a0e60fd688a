// What an action came to, said for a moment at the edge of the screen.

import { useSyncExternalStore } from "react";
import classes from "./said.module.css";

interface Said {
  id: number;
  text: string;
}

const SHOWN_MS = 6000;
let all: Said[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(to: Said[]) {
  all = to;
  for (const listener of listeners) listener();
}

export function say(text: string) {
  const id = next++;
  set([...all, { id, text }]);
  window.setTimeout(() => set(all.filter(one => one.id !== id)), SHOWN_MS);
}

export function SaidList() {
  const shown = useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => all,
  );
  return (
    <output aria-live="polite" className={classes.list}>
      {shown.map(one => (
        <span key={one.id} className={classes.one}>
          {one.text}
        </span>
      ))}
    </output>
  );
}
