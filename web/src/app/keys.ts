// Keys for the whole board. They do not count while somebody types.

import { useEffect } from "react";

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const SECOND_KEY_MS = 1000;

/** `keys` by name: "/" or "g m", one after the other. */
export function useKeys(keys: Record<string, () => void>) {
  useEffect(() => {
    let first = "";
    let firstAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const isSecond = event.timeStamp - firstAt < SECOND_KEY_MS;
      const action = (isSecond && keys[`${first} ${event.key}`]) || keys[event.key];
      first = event.key;
      firstAt = event.timeStamp;
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [keys]);
}
