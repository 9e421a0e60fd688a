import { describe, expect, test } from "vitest";
import type { Estate, ForecastRun } from "@/api/types";
import { sceneAt } from "./at";
import { filmOfForecast } from "./coming";
import { lastAt } from "./film";
import { filmOfPast, type PastRow } from "./past";

const clock = (time: string) => `2026-01-05T${time}:00Z`;
const ms = (time: string) => Date.parse(clock(time));
const member = (job: string, state: string | null) => ({
  id: `job:churn/${job}`,
  lane_id: null,
  display_name: job,
  state,
  deadline: null,
});
const job = (id: string, state: string | null) => ({
  id: `job:churn/${id}`,
  job_id: id,
  members: [member(id, state)],
});
const live = {
  dags: [
    {
      id: "dag:churn",
      dag_id: "churn",
      is_paused: true,
      run: { dag_run_id: "r2", state: "running", deadline: null },
      jobs: [job("load", "success"), job("train", "deferred"), job("old", null)],
    },
  ],
  edges: [],
  assets: [],
} as unknown as Estate;

const run = (at: string, id: string, from: string, to: string): PastRow => ({
  at: clock(at),
  kind: "run",
  entity: `run churn/${id}`,
  dag_id: "churn",
  dag_run_id: id,
  job_id: null,
  lane_id: null,
  map_index: -1,
  from,
  to,
});
const task = (at: string, id: string, name: string, from: string, to: string): PastRow => ({
  ...run(at, id, from, to),
  kind: "task",
  entity: `task churn/${id}/${name}`,
  job_id: name.split(".")[0] ?? "",
});

const rows = [
  run("01:00", "r1", "running", "failed"),
  run("02:00", "r2", "", "queued"),
  run("02:10", "r2", "queued", "running"),
  task("00:30", "r1", "load.start_cluster", "running", "success"),
  task("00:50", "r1", "load.wait_cluster_termination", "deferred", "failed"),
  task("02:10", "r2", "load.start_cluster", "none", "queued"),
  task("02:20", "r2", "load.start_cluster", "queued", "running"),
  task("02:25", "r2", "load.start_cluster", "running", "success"),
  task("02:25", "r2", "load.wait_cluster_termination", "none", "deferred"),
  task("03:00", "r2", "load.wait_cluster_termination", "deferred", "success"),
];
const past = filmOfPast(rows, live, ms("00:00"), ms("04:00"));
const states = (at: string) => {
  const [dag] = sceneAt(past, live, ms(at)).estate.dags;
  return [dag?.run?.dag_run_id, dag?.run?.state, ...(dag?.jobs ?? []).map(one => one.members[0]?.state)];
};

describe("the past", () => {
  test("shows the run that was the latest, and its jobs", () => {
    expect(states("00:10")).toEqual(["r1", "running", "running", null, null]);
    expect(states("00:55")).toEqual(["r1", "running", "failed", null, null]);
    expect(states("01:30")).toEqual(["r1", "failed", "failed", null, null]);
    expect(states("02:05")).toEqual(["r2", "queued", null, "deferred", null]);
    expect(states("02:15")[2]).toBe("queued");
    expect(states("02:22")[2]).toBe("running");
  });

  test("a job is at work between its tasks, and done after the second", () => {
    expect(shownAt("02:30")).toBe("deferred");
    expect(shownAt("03:30")).toBe("success");
  });
  const shownAt = (at: string) => states(at)[2];

  test("knows from when until when a job was at work, over its tasks", () => {
    const scene = sceneAt(past, live, ms("02:40"));
    expect(scene.estate.dags[0]?.jobs[0]?.members[0]?.start_date).toBe(new Date(ms("02:20")).toISOString());
    expect(scene.expected.get("job:churn/load")).toBe(new Date(ms("03:00")).toISOString());
  });

  test("remembers when something failed", () => {
    expect(past.failures).toEqual([ms("00:50")]);
  });

  test("what did not change is the same object, what changed is not", () => {
    const first = sceneAt(past, live, ms("02:30"));
    const same = sceneAt(past, live, ms("02:35"), first);
    expect(same.estate.dags[0]).toBe(first.estate.dags[0]);
    const later = sceneAt(past, live, ms("03:10"), same);
    expect(later.estate.dags[0]).not.toBe(first.estate.dags[0]);
    expect(later.estate.dags[0]?.jobs[1]).toBe(first.estate.dags[0]?.jobs[1]);
  });
});

describe("the forecast", () => {
  const of = (id: string, start: string, end: string, run_id: string) => ({
    dag_id: "churn",
    dag_run_id: run_id,
    job_id: id,
    lane: null,
    start: clock(start),
    end: clock(end),
  });
  const forecast = [
    {
      dag_id: "churn",
      dag_run_id: "r2",
      state: "running",
      finish_p50: clock("06:00"),
      jobs: [of("train", "03:30", "06:00", "r2")],
    },
    {
      dag_id: "churn",
      dag_run_id: "r3",
      state: "coming",
      run_after: clock("08:00"),
      finish_p50: clock("10:00"),
      jobs: [of("load", "08:10", "09:00", "r3"), of("train", "09:00", "10:00", "r3")],
    },
  ] as unknown as ForecastRun[];
  const film = filmOfForecast(forecast, live, ms("04:00"), ms("23:00"));
  const at = (time: string) => {
    const [dag] = sceneAt(film, live, ms(time)).estate.dags;
    return [dag?.run?.dag_run_id, dag?.run?.state, ...(dag?.jobs ?? []).map(one => one.members[0]?.state)];
  };

  test("begins with what is, and ends what runs", () => {
    expect(at("04:00")).toEqual(["r2", "running", "success", "running", null]);
    expect(at("06:30")).toEqual(["r2", "success", "success", "success", null]);
  });

  test("runs that are to come begin when they are due", () => {
    expect(at("08:05")).toEqual(["r3", "queued", null, null, null]);
    expect(at("08:30").slice(0, 3)).toEqual(["r3", "running", "running"]);
    expect(at("11:00")).toEqual(["r3", "success", "success", "success", null]);
  });

  test("a DAG that is paused now stays so", () => {
    expect(sceneAt(film, live, ms("05:00")).estate.dags[0]?.is_paused).toBe(true);
    expect(sceneAt(past, live, ms("02:30")).estate.dags[0]?.is_paused).toBe(false);
  });
});

test("the last moment that is not later", () => {
  const moments = [1, 3, 3, 5].map(at => ({ at }));
  expect([0, 1, 2, 3, 9].map(at => lastAt(moments, at))).toEqual([-1, 0, 0, 2, 3]);
  expect(lastAt(undefined, 1)).toBe(-1);
});
