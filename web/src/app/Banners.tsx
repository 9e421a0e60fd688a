// What concerns everybody, whatever they look at.

import { useQuery } from "@tanstack/react-query";
import { health } from "@/api/queries";
import classes from "./Banners.module.css";

export function LostBanner() {
  return (
    <div role="alert" className={classes.bad}>
      <strong>The connection to Signalbox is lost.</strong> What you see is as it was. The page connects again
      by itself, and reads everything that changed.
    </div>
  );
}

export function HeldBanner() {
  const held = useQuery(health()).data?.launching?.held;
  if (!held) return null;
  return (
    <div role="status" className={classes.warning}>
      <strong>Nothing is launched at the moment:</strong> {held}
    </div>
  );
}
