// The server's time. It may run faster than the wall's, as in a demo: so it is asked for once with
// its speed, and carried on from there.

import { useSyncExternalStore } from "react";

let worldAt = Date.now();
let wallAt = performance.now();
let speed = 1;

export function setClock(world: number, itsSpeed: number) {
  worldAt = world;
  wallAt = performance.now();
  speed = itsSpeed;
  tell();
}

export const worldNow = () => worldAt + (performance.now() - wallAt) * speed;
export const worldSpeed = () => speed;

const TICK_MS = 1000;
let shown = worldNow();
const listeners = new Set<() => void>();
let timer: number | undefined;

function tell() {
  shown = worldNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= window.setInterval(tell, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time, which goes on by itself. */
export const useNow = () => useSyncExternalStore(subscribe, () => shown);
