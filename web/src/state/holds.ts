// What a hold holds, in words, and what it may be placed on. Pure.

export const SCOPES = [
  { value: "dag", label: "a DAG" },
  { value: "job", label: "a job" },
  { value: "pool", label: "a pool" },
  { value: "tag", label: "the DAGs with a tag" },
  { value: "all", label: "everything" },
] as const;
export type Scope = (typeof SCOPES)[number]["value"];

export function holdWords(scope: Scope, target: string | null): string {
  switch (scope) {
    case "all":
      return "all launches";
    case "pool":
      return `the pool ${target}`;
    case "tag":
      return `the DAGs with the tag ${target}`;
    default:
      return `the ${scope === "dag" ? "DAG" : "job"} ${target}`;
  }
}

export function targetsOf(
  scope: Scope,
  pools: { name: string }[],
  dags: { dag_id: string; tags: { name: string }[] }[],
  jobs: string[],
): string[] {
  switch (scope) {
    case "pool":
      return pools.map(pool => pool.name);
    case "dag":
      return dags.map(dag => dag.dag_id);
    case "tag":
      return [...new Set(dags.flatMap(dag => dag.tags.map(tag => tag.name)))].sort();
    case "job":
      return jobs;
    default:
      return [];
  }
}
