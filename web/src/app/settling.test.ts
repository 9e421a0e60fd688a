import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Settling } from "./settling";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A query that is shown, whose answers come after `ms` and tell how things stood when it was asked. */
function shown(queries: QueryClient, queryKey: string[], ms: number) {
  const world = { state: 0, readings: 0 };
  const queryFn = async () => {
    world.readings++;
    const seen = world.state;
    await new Promise(done => setTimeout(done, ms));
    return seen;
  };
  const observer = new QueryObserver(queries, { queryKey, queryFn, staleTime: Number.POSITIVE_INFINITY });
  observer.subscribe(() => {});
  return Object.assign(world, { data: () => observer.getCurrentResult().data });
}

test("what changes while an answer is under way is seen all the same", async () => {
  const queries = new QueryClient();
  const settling = new Settling(queries);
  const map = shown(queries, ["map", "estate"], 1000);
  await vi.advanceTimersByTimeAsync(500);
  map.state = 1;
  settling.add([["map"]]);
  await vi.advanceTimersByTimeAsync(3000);
  expect(map.data()).toBe(1);
  expect(map.readings).toBe(2);
});

test("many events are one reading, of what they concern alone", async () => {
  const queries = new QueryClient();
  const settling = new Settling(queries);
  const map = shown(queries, ["map", "estate"], 10);
  const pools = shown(queries, ["pools"], 10);
  await vi.advanceTimersByTimeAsync(100);
  map.state = 1;
  for (let i = 0; i < 50; i++) settling.add([["map"]]);
  await vi.advanceTimersByTimeAsync(1000);
  expect([map.data(), map.readings, pools.readings]).toEqual([1, 2, 1]);
});

test("the first event after a rest is shown at once, those that follow with a pause between readings", async () => {
  const queries = new QueryClient();
  const settling = new Settling(queries);
  const map = shown(queries, ["map", "estate"], 10);
  await vi.advanceTimersByTimeAsync(1000);
  settling.add([["map"]]);
  await vi.advanceTimersByTimeAsync(50);
  expect(map.readings).toBe(2);
  for (let i = 0; i < 100; i++) {
    settling.add([["map"]]);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(map.readings).toBeLessThanOrEqual(6);
});

test("an empty key makes everything old", async () => {
  const queries = new QueryClient();
  const settling = new Settling(queries);
  const all = [shown(queries, ["map", "estate"], 10), shown(queries, ["pools"], 10)];
  await vi.advanceTimersByTimeAsync(100);
  settling.add([[]]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(all.map(one => one.readings)).toEqual([2, 2]);
});
