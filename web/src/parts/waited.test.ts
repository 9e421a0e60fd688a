import { expect, test, vi } from "vitest";
import { joined } from "./waited";

const there = <T>(data: T) => ({ data, error: null, refetch: vi.fn() });
const awaited = { data: undefined, error: null, refetch: vi.fn() };
const failed = { data: undefined, error: new Error("no"), refetch: vi.fn() };

test("all of them together, in their order", () => {
  expect(joined(there(1), there("a")).data).toEqual([1, "a"]);
});

test("nothing is known before all of it is", () => {
  expect(joined(there([]), awaited)).toMatchObject({ data: undefined, error: null });
});

test("one that failed is told, and asked again alone", () => {
  const first = there(1);
  const all = joined(first, failed);
  expect(all).toMatchObject({ data: undefined, error: failed.error });
  all.refetch();
  expect(failed.refetch).toHaveBeenCalledOnce();
  expect(first.refetch).not.toHaveBeenCalled();
});

test("what was read before stays, although it cannot be read again", () => {
  expect(joined({ ...there(1), error: new Error("no") })).toMatchObject({ data: [1], error: null });
});
