// Which groups of a DAG are opened: the address says it, for the grid and the graph alike.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { DagJob } from "@/api/types";
import { groupsAround } from "./graph";

export interface Groups {
  all: string[];
  open: ReadonlySet<string>;
  toggle: (path: string) => void;
  openAll: () => void;
}

export function useGroups(jobs: DagJob[]): Groups {
  const { open: named = "" } = useSearch({ from: "/shell/dags/$dag" });
  const navigate = useNavigate({ from: "/dags/$dag" });
  const all = useMemo(() => [...new Set(jobs.flatMap(job => groupsAround(job.group)))], [jobs]);
  const open = useMemo(() => new Set(named.split(",").filter(path => all.includes(path))), [named, all]);
  const set = useCallback(
    (paths: string[]) =>
      navigate({ search: old => ({ ...old, open: paths.join(",") || undefined }), replace: true }),
    [navigate],
  );
  const toggle = useCallback(
    (path: string) => set(open.has(path) ? [...open].filter(one => one !== path) : [...open, path]),
    [open, set],
  );
  return { all, open, toggle, openAll: () => set(all) };
}
