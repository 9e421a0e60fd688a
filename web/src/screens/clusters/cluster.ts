import type { Cluster } from "@/api/types";

export const dollars = (usd: number | null) => (usd === null ? "–" : `$${usd.toFixed(2)}`);

export const jobName = (cluster: Cluster) =>
  `${cluster.job_id ?? ""}${cluster.lane_id ? `_${cluster.lane_id}` : ""}${(cluster.map_index ?? -1) >= 0 ? ` #${cluster.map_index}` : ""}`;
