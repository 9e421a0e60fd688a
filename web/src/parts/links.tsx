import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

export const DagLink = ({ dag, children }: { dag: string; children?: ReactNode }) => (
  <Link to="/dags/$dag" params={{ dag }}>
    {children ?? dag}
  </Link>
);

export const RunLink = ({ dag, run, children }: { dag: string; run: string; children?: ReactNode }) => (
  <Link to="/dags/$dag/runs/$run" params={{ dag, run }}>
    {children ?? run}
  </Link>
);

interface JobLinkProps {
  dag: string;
  run: string;
  job: string;
  lane: string | null;
  index?: number;
  children: ReactNode;
}
export const JobLink = ({ dag, run, job, lane, index, children }: JobLinkProps) => (
  <Link
    to="/dags/$dag/runs/$run/jobs/$job"
    params={{ dag, run, job }}
    search={{ lane: lane ?? undefined, index: index !== undefined && index >= 0 ? String(index) : undefined }}
  >
    {children}
  </Link>
);

export const ClusterLink = ({ id }: { id: string }) => (
  <Link to="/clusters/$cluster" params={{ cluster: id }}>
    {id}
  </Link>
);
