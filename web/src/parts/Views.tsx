// The views of one thing, of which the address names one.

import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import classes from "./Views.module.css";

interface ViewsProps<View extends string> {
  label: string;
  /** The first one is shown unless the address names another. */
  of: readonly (readonly [view: View, name: string])[];
  now: View;
  /** What else of the address stays. */
  keep?: Record<string, string | undefined>;
}

export function Views<View extends string>({ label, of, now, keep = {} }: ViewsProps<View>) {
  const list = useRef<HTMLElement>(null);
  // Where there is not room for all of them, the present one is in sight.
  useEffect(() => {
    const current = list.current?.querySelector(`[data-view="${now}"]`);
    current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [now]);
  return (
    <nav ref={list} aria-label={label} className={classes.views}>
      {of.map(([view, name], i) => (
        <Link
          key={view}
          data-view={view}
          to="."
          search={{ ...keep, view: i === 0 ? undefined : view }}
          className={classes.view}
          // Otherwise the router takes the first one for the current page, whatever the search says.
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
          aria-current={view === now ? "page" : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** The view that the address names, if it is one of these. */
export function viewOf<View extends string>(of: readonly (readonly [View, string])[], named?: string): View {
  const [first] = of;
  const found = of.find(([view]) => view === named) ?? first;
  if (!found) throw new Error("there are no views");
  return found[0];
}
