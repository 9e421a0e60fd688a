import { SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { tasksOverRuns } from "@/api/dag";
import { runsOf } from "@/api/queries";
import type { DagDetails } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { Card, Facts } from "@/parts/Page";
import { jobsOf } from "@/state/jobs";
import { useNow } from "@/time/clock";
import { spanWords } from "@/time/words";
import { DurationBars } from "./DurationBars";
import classes from "./Durations.module.css";
import { type Bar, barsOfJob, barsOfRuns, type Measure, quantile } from "./durations";
import { NoRuns } from "./NoRuns";

const RUNS = 100;

const MEASURES = [
  { value: "duration", label: "Duration" },
  { value: "landing", label: "Landing time" },
];

export default function DurationsView({ dag }: { dag: DagDetails }) {
  const { of, measure: named } = useSearch({ from: "/shell/dags/$dag" });
  const navigate = useNavigate({ from: "/dags/$dag" });
  const measure: Measure = named === "landing" ? "landing" : "duration";
  const runs = useQuery(runsOf(dag.dag_id, RUNS));
  const job = dag.jobs.find(one => one.display_name === of);
  const ends = [job?.task_ids[0], job?.task_ids.at(-1)].filter(id => id !== undefined);
  const tasks = useQuery({ ...tasksOverRuns(dag.dag_id, ends), enabled: job !== undefined });
  const now = useNow();
  return (
    <Card
      title={measure === "duration" ? "How long it takes" : "How long after the end of its data it is done"}
    >
      <div className={classes.choice}>
        <Select
          size="xs"
          aria-label="Whole runs or a job"
          placeholder="Whole runs"
          searchable
          clearable
          data={dag.jobs.map(one => one.display_name)}
          value={job ? job.display_name : null}
          onChange={value => navigate({ search: old => ({ ...old, of: value ?? undefined }), replace: true })}
        />
        <SegmentedControl
          size="xs"
          aria-label="What is measured"
          data={MEASURES}
          value={measure}
          onChange={value =>
            navigate({
              search: old => ({ ...old, measure: value === "landing" ? value : undefined }),
              replace: true,
            })
          }
        />
      </div>
      <Answer of={runs}>
        {list => {
          if (list.length === 0) return <NoRuns dag={dag} />;
          if (!job) return <Chart dag={dag.dag_id} bars={barsOfRuns(list, measure, now)} />;
          return (
            <Answer of={tasks}>
              {found => (
                <Chart
                  dag={dag.dag_id}
                  bars={barsOfJob(jobsOf(found.filter(one => one.map_index < 0)), list, measure, now)}
                />
              )}
            </Answer>
          );
        }}
      </Answer>
    </Card>
  );
}

function Chart({ dag, bars }: { dag: string; bars: Bar[] }) {
  if (bars.length === 0) return <Empty title="Nothing of it has begun yet." />;
  // What failed or goes on says nothing about how long it takes.
  const done = bars.filter(bar => bar.look === "success").map(bar => bar.ms);
  const middle = quantile(done, 0.5);
  return (
    <>
      <DurationBars dag={dag} bars={bars} middle={middle} />
      {middle !== undefined && (
        <Facts
          of={[
            ["Done", `${done.length} of ${bars.length}`],
            ["Median (dashed)", spanWords(middle)],
            ["90 % within", spanWords(quantile(done, 0.9) ?? 0)],
            ["Longest", spanWords(Math.max(...done))],
          ]}
        />
      )}
    </>
  );
}
