// Keys for the whole board. They do not count while somebody types, or while something lies over the
// screen that has keys of its own.

import { useEffect } from "react";

const NO_TEXT = ["radio", "checkbox"];

/** Whether the key is for what has the focus. */
function isForTarget({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && NO_TEXT.includes(target.type)) return key.startsWith("Arrow");
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// A list of choices stays in the page when it is closed.
const isCovered = () =>
  [...document.querySelectorAll("[role=dialog], [role=menu], [role=listbox]")].some(one =>
    one.checkVisibility(),
  );

const SECOND_KEY_MS = 1000;

/** `keys` by name: "/" or "g m", one after the other. */
export function useKeys(keys: Record<string, () => void>) {
  useEffect(() => {
    let first = "";
    let firstAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isForTarget(event) || isCovered()) return;
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
