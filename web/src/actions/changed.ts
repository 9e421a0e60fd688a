// What the server answers to a change, and to the question what it would change. Pure.

export interface Changed {
  task_instances: { task_id: string; map_index: number; dag_id: string; dag_run_id: string }[];
}

/** A line for each task instance. */
export const linesOf = ({ task_instances }: Changed) =>
  task_instances.map(
    ({ task_id, map_index, dag_id, dag_run_id }) =>
      `${dag_id} / ${task_id}${map_index >= 0 ? `[${map_index}]` : ""} in ${dag_run_id}`,
  );
