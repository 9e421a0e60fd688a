import { expect, test } from "vitest";
import { graphOf, groupsAround } from "./graph";
import { placed } from "./layers";

const job = (name: string, depends_on: string[] = [], group: string | null = null, lane = "") => ({
  job_id: name,
  display_name: lane ? `${name}_${lane}` : name,
  group,
  depends_on,
});
const names = (of: ReturnType<typeof graphOf>) => of.boxes.map(box => box.id);
const edges = (of: ReturnType<typeof graphOf>) => of.edges.map(edge => `${edge.from}>${edge.to}`);

test("lanes are one box", () => {
  const graph = graphOf(
    [
      job("a", [], null, "1"),
      job("b", ["a_1"], null, "1"),
      job("a", [], null, "2"),
      job("b", ["a_2"], null, "2"),
    ],
    new Set(),
  );
  expect(names(graph)).toEqual(["job:a", "job:b"]);
  expect(edges(graph)).toEqual(["job:a>job:b"]);
});

test("a group is one box until it is opened", () => {
  const jobs = [job("a"), job("b", ["a"], "load"), job("c", ["b"], "load.day"), job("d", ["c"])];
  expect(edges(graphOf(jobs, new Set()))).toEqual(["job:a>group:load", "group:load>job:d"]);
  expect(edges(graphOf(jobs, new Set(["load"])))).toEqual([
    "job:a>job:b",
    "job:b>group:load.day",
    "group:load.day>job:d",
  ]);
  expect(groupsAround("load.day")).toEqual(["load", "load.day"]);
});

test("each box stands to the right of what it depends on", () => {
  const graph = graphOf([job("a"), job("b", ["a"]), job("c", ["a", "b"]), job("d")], new Set());
  const { at, columns, edges: drawn } = placed(graph);
  expect(columns).toBe(3);
  for (const { from, to } of graph.edges)
    expect(at.get(from)?.column).toBeLessThan(at.get(to)?.column ?? Number.NaN);
  expect(drawn.find(edge => edge.from === "job:a" && edge.to === "job:c")?.via).toHaveLength(1);
});

test("two chains do not cross", () => {
  const graph = graphOf([job("a"), job("b"), job("y", ["b"]), job("x", ["a"])], new Set());
  const { at } = placed(graph);
  const row = (id: string) => at.get(id)?.row ?? Number.NaN;
  expect(Math.sign(row("job:a") - row("job:b"))).toBe(Math.sign(row("job:x") - row("job:y")));
});

test("no two things share a place, and a circle of folded groups ends", () => {
  const graph = graphOf([job("a", [], "g"), job("b", ["a"], "h"), job("c", ["b"], "g")], new Set());
  expect(edges(graph)).toEqual(["group:g>group:h", "group:h>group:g"]);
  const { at } = placed(graph);
  expect(new Set([...at.values()].map(one => `${one.column}/${one.row}`)).size).toBe(at.size);
});
