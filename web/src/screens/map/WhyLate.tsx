// "Why is it late?": what holds the deadline up, and the jobs that decide when the run ends.

import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { deadlines } from "@/api/queries";
import type { MapDag, MapJob } from "@/api/types";
import { Sentence } from "@/parts/Why";
import { urgencyOf } from "@/state/states";
import { When } from "@/time/When";
import { useCriticalPath } from "./bright";
import classes from "./Drawer.module.css";
import { pathOf } from "./path";

export function WhyLate({ dag, job }: { dag: MapDag; job: MapJob | undefined }) {
  const { focus, way } = useSearch({ from: "/shell/" });
  const own = [dag.run?.deadline, ...(job ? job.members.map(member => member.deadline) : [])];
  const isLate = own.some(one => one && urgencyOf(one.status) !== "fine");
  const isShown = way === "critical";
  const due = useQuery({ ...deadlines(), enabled: isLate || isShown }).data?.deadlines;
  const path = useCriticalPath(dag, isShown);
  const holdsUp = due?.filter(one => one.dag_id === dag.dag_id && one.dag_run_id === dag.run?.dag_run_id);
  const sentences = new Set(holdsUp?.flatMap(one => (one.holds_up ? [one.holds_up] : [])));
  if (dag.run?.state !== "running" || (!isLate && !isShown)) return null;
  return (
    <section className={classes.late} aria-label={isLate ? "Why it is late" : "What decides when it ends"}>
      <h3>{isLate ? "Why is it late?" : "What decides when it ends"}</h3>
      {[...sentences].map(one => (
        <p key={one}>
          <Sentence>{one}</Sentence>
        </p>
      ))}
      {isShown ? (
        <ol className={classes.path}>
          {path?.map((one, i) => (
            <li
              key={pathOf([one])
                .concat(one.lane ?? "")
                .join()}
              value={i + 1}
            >
              <Link to="/" search={{ focus: `job:${one.dag_id}/${one.job_id}`, way: "critical" }}>
                {one.dag_id === dag.dag_id ? "" : `${one.dag_id} / `}
                {one.display_name}
              </Link>{" "}
              <span className={classes.soft}>
                ends <When at={one.end} as="short" />
              </span>
            </li>
          ))}
        </ol>
      ) : (
        <Link to="/" search={{ focus, way: "critical" }}>
          Show the critical path
        </Link>
      )}
    </section>
  );
}
