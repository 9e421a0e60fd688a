import { Link, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Estate } from "@/api/types";
import classes from "./Drawer.module.css";
import { type Transfer, transfersOf } from "./transfers";

function List({ title, of }: { title: string; of: Transfer[] }) {
  const { at } = useSearch({ from: "/shell/" });
  if (of.length === 0) return null;
  return (
    <section className={classes.transfers}>
      <h3>{title}</h3>
      <ul>
        {of.map(one => (
          <li key={one.id}>
            {one.to.startsWith("asset:") ? (
              one.name
            ) : (
              <Link to="/" search={{ focus: one.to, at }}>
                {one.name}
              </Link>
            )}
            <span className={classes.soft}>{one.words}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The transfers at these stations, each with its window. */
export function Transfers({ estate, ids }: { estate: Estate; ids: string[] }) {
  const key = ids.join(" ");
  const all = useMemo(() => transfersOf(estate, key.split(" ")), [estate, key]);
  return (
    <>
      <List title="Waits for" of={all.filter(one => !one.isAfter)} />
      <List title="Is waited for by" of={all.filter(one => one.isAfter)} />
    </>
  );
}
