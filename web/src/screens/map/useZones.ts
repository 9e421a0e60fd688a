import { useMemo } from "react";
import type { Estate } from "@/api/types";
import type { Plan } from "./plan";
import { type Zone, zonesOf } from "./zones";

/** They change when tags do, or where lines stand. */
export function useZones(estate: Estate, plan: Plan): Zone[] {
  const tags = JSON.stringify(estate.dags.map(({ id, tags }) => ({ id, tags: tags.slice(0, 1) })));
  return useMemo(() => zonesOf(JSON.parse(tags), plan), [tags, plan]);
}
