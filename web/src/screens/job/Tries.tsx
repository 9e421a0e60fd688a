import { Link } from "@tanstack/react-router";
import type { Attempt } from "@/api/types";
import { ClusterLink } from "@/parts/links";
import { Table } from "@/parts/Table";
import { Glyph } from "@/state/Glyph";
import { verdictLook } from "@/state/states";
import { Took, When } from "@/time/When";
import classes from "./Job.module.css";

/** What to do about a verdict, in a few words. */
const ADVICE: Record<string, string> = {
  infrastructure: "Not the job's fault: it is tried again by itself.",
  application: "The job's own program failed: read its log below.",
  configuration: "The request or the permissions are wrong: no try follows by itself.",
  user: "A person ended it.",
};

export function Tries({ attempts, chosen }: { attempts: Attempt[]; chosen: number }) {
  return (
    <Table
      label="Tries"
      rows={attempts}
      rowKey={one => String(one.try_number)}
      columns={[
        {
          name: "Try",
          kind: "nowrap",
          of: one => (
            <Link
              to="."
              search={old => ({ ...old, log: String(one.try_number) })}
              replace
              aria-current={one.try_number === chosen || undefined}
              className={one.try_number === chosen ? classes.chosen : undefined}
            >
              {one.try_number}
              {one.try_number === chosen ? " (below)" : ""}
            </Link>
          ),
        },
        {
          name: "Verdict",
          kind: "nowrap",
          of: one => (
            <span className={classes.verdict} data-look={verdictLook(one.verdict)}>
              <Glyph look={verdictLook(one.verdict)} />
              {one.verdict ?? "at work"}
            </span>
          ),
        },
        { name: "Begun", kind: "nowrap", of: one => <When at={one.started_at} as="short" /> },
        { name: "Took", kind: "number", of: one => <Took from={one.started_at} to={one.ended_at} /> },
        {
          name: "Cluster",
          kind: "nowrap",
          of: one =>
            one.cluster_ids.length ? one.cluster_ids.map(id => <ClusterLink key={id} id={id} />) : "–",
        },
        {
          name: "Reason, and what to do",
          kind: "long",
          of: one => (
            <>
              {one.reason ?? "–"}
              {one.cause && <div>{one.cause}</div>}
              {one.verdict && ADVICE[one.verdict] && (
                <div className={classes.soft}>{ADVICE[one.verdict]}</div>
              )}
            </>
          ),
        },
      ]}
    />
  );
}
