// What an action came to, said for a moment at the edge of the screen.

import { useSyncExternalStore } from "react";
import classes from "./said.module.css";

interface Said {
  id: number;
  text: string;
  undo?: () => Promise<unknown>;
}

const SHOWN_MS = 6000;
const UNDO_MS = 12_000; // so long it can be undone here
let all: Said[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(to: Said[]) {
  all = to;
  for (const listener of listeners) listener();
}

const forget = (id: number) => set(all.filter(one => one.id !== id));

/** With `undo` it offers to do the opposite, while it is shown. */
export function say(text: string, undo?: () => Promise<unknown>) {
  const id = next++;
  set([...all, { id, text, undo }]);
  window.setTimeout(() => forget(id), undo ? UNDO_MS : SHOWN_MS);
}

async function takeBack({ id, undo }: Said) {
  forget(id);
  try {
    await undo?.();
    say("It is undone.");
  } catch (error) {
    say(`It is not undone: ${error instanceof Error ? error.message : error}`);
  }
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
          {one.undo && (
            <button type="button" className={classes.undo} onClick={() => takeBack(one)}>
              Undo
            </button>
          )}
        </span>
      ))}
    </output>
  );
}
