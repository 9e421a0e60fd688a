import { useQuery } from "@tanstack/react-query";
import { attemptsOf, dagDetails, runForecast, tasksOf } from "@/api/queries";
import type { Run } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { joined } from "@/parts/waited";
import { jobsOf } from "@/state/jobs";
import { useNow } from "@/time/clock";
import { shortWords } from "@/time/words";
import { useZone } from "@/time/zone";
import { GanttChart } from "./GanttChart";
import { ganttOf } from "./gantt";
import classes from "./Run.module.css";

export default function GanttOfRun({ run }: { run: Run }) {
  const isOver = run.state === "success" || run.state === "failed";
  const tasks = useQuery(tasksOf(run.dag_id, run.dag_run_id));
  const attempts = useQuery(attemptsOf(run.dag_id, run.dag_run_id));
  const details = useQuery(dagDetails(run.dag_id));
  const forecast = useQuery({ ...runForecast(run.dag_id, run.dag_run_id), enabled: !isOver });
  const now = useNow();
  const zone = useZone();
  const finish = isOver ? null : forecast.data?.finish_p50;
  return (
    <Answer of={joined(tasks, attempts, details)}>
      {([list, tries, dag]) => {
        const gantt = ganttOf({
          jobs: jobsOf(list),
          attempts: tries,
          dagJobs: dag.jobs,
          forecast: isOver ? undefined : forecast.data,
          begun: Date.parse(run.start_date ?? run.run_after),
          now: isOver && run.end_date ? Date.parse(run.end_date) : now,
        });
        if (gantt.rows.length === 0) return <Empty title="The run has no jobs." />;
        return (
          <>
            <GanttChart gantt={gantt} now={now} />
            <p className={classes.legend}>
              ◆ decides when the run ends (critical path); × a try that failed
              {!isOver && "; dashed: as the forecast expects it"}
              {finish && `. The end is expected at ${shortWords(Date.parse(finish), now, zone)}`}.
            </p>
          </>
        );
      }}
    </Answer>
  );
}
