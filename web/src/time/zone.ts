// The zone in which times are shown: the browser's unless somebody has chosen another.

import { useSyncExternalStore } from "react";

const KEY = "signalbox-zone";
export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

function read(): string {
  const kept = localStorage.getItem(KEY);
  try {
    if (kept) new Intl.DateTimeFormat("en", { timeZone: kept });
    return kept ?? browserZone();
  } catch {
    return browserZone();
  }
}

let zone = read();
const listeners = new Set<() => void>();

export function chooseZone(name: string) {
  zone = name;
  localStorage.setItem(KEY, name);
  for (const listener of listeners) listener();
}

export const useZone = () =>
  useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => zone,
  );
