import { describe, expect, test } from "vitest";
import type { Estate, MapLayout } from "@/api/types";
import { pictureMaker, shareOf } from "./picture";
import { TRACK_GAP } from "./plan";

const member = (lane: string, more = {}) => ({
  id: `job:churn/train[${lane}]`,
  lane_id: lane,
  display_name: `train_${lane}`,
  state: "running",
  start_date: "2026-01-05T00:00:00Z",
  cluster: { cluster_id: `j-${lane}`, state: "RUNNING" },
  deadline: null,
  ...more,
});
const job = (id: string, members: object[]) => ({ id: `job:churn/${id}`, job_id: id, members });
const estate = {
  dags: [
    {
      id: "dag:churn",
      dag_id: "churn",
      is_paused: false,
      jobs: [
        job("train", [member("1"), member("2", { deadline: { status: "late" } })]),
        job("publish", [{ ...member(""), state: null, cluster: null }]),
      ],
    },
  ],
  edges: [],
  assets: [],
} as unknown as Estate;
const station = (id: string, x: number, tracks: number) => ({
  id,
  line: "dag:churn",
  x,
  y: 1,
  tracks,
  interchange: false,
});
const layout = {
  lines: [{ id: "dag:churn", color: 3 }],
  stations: [
    station("job:churn/train", 0, 2),
    station("job:churn/publish", 4, 1),
    station("job:churn/gone", 8, 1),
  ],
  edges: [
    {
      id: "job:churn/train>job:churn/publish",
      kind: "line",
      line: "dag:churn",
      points: [
        [0, 1],
        [4, 1],
      ],
    },
  ],
} as unknown as MapLayout;

const expected = new Map([["job:churn/train[1]", "2026-01-05T01:00:00Z"]]);
const { plan, draw } = pictureMaker(layout);
const picture = draw(estate, expected);

describe("the picture", () => {
  test("has a track for each lane, also where the lanes are joined", () => {
    expect(plan.tracks[0]?.paths).toHaveLength(2);
    const [first, second] = plan.tracks[0]?.paths ?? [];
    expect((second?.[0]?.[1] ?? 0) - (first?.[0]?.[1] ?? 0)).toBeCloseTo(TRACK_GAP);
    expect(plan.stations.find(station => station.id === "job:churn/publish")?.span).toBe(2);
  });

  test("leaves out a station whose job is gone, and one that the layout does not know yet", () => {
    expect(picture.stops.map(stop => stop.job)).toEqual(["train", "publish"]);
    expect(pictureMaker({ ...layout, stations: [] }).draw(estate, expected).stops).toEqual([]);
  });

  test("is as urgent as the worst lane", () => {
    expect(picture.stops[0]?.urgency).toBe("late");
  });

  test("has a train for each cluster at work, which has gone as far as its time", () => {
    expect(picture.trains.map(train => train.cluster)).toEqual(["j-1", "j-2"]);
    const [known, unknown] = picture.trains;
    const half = Date.parse("2026-01-05T00:30:00Z");
    expect(known && shareOf(known, half)).toBeCloseTo(0.5);
    expect(known && shareOf(known, half * 2)).toBeLessThan(1); // late: it waits before its station
    expect(unknown && shareOf(unknown, half)).toBe(0.5);
  });
});
