import { describe, expect, test } from "vitest";
import { fieldsOf, fill, type Param, read, refusedField, textOf } from "./params";

const param = (value: unknown, schema: Param["schema"] = {}): Param => ({ value, schema, description: null });
const one = (value: unknown, schema: Param["schema"] = {}) => {
  const [field] = fieldsOf({ x: param(value, schema) });
  if (!field) throw new Error("there is a field for each param");
  return field;
};

describe("the kind of a field", () => {
  test("comes from the schema", () => {
    expect(one("a", { type: "string" }).kind).toBe("text");
    expect(one("2026-01-05", { type: "string", format: "date" }).kind).toBe("date");
    expect(one("x", { type: "string", format: "date-time" }).kind).toBe("instant");
    expect(one(8, { type: "integer" }).kind).toBe("integer");
    expect(one(null, { type: ["null", "number"] }).kind).toBe("number");
    expect(one(true, { type: "boolean" }).kind).toBe("boolean");
    expect(one("a", { enum: ["a", "b"] }).kind).toBe("choice");
    expect(one({}, { type: "object" }).kind).toBe("json");
    expect(one("a", { type: ["string", "integer"] }).kind).toBe("json");
  });
  test("or, without one, from the value", () => {
    expect(one("a").kind).toBe("text");
    expect(one(180).kind).toBe("number");
    expect(one([1]).kind).toBe("json");
  });
});

test("a text is read as its kind", () => {
  expect(read(one(8, { type: "integer" }), "12")).toEqual({ value: 12 });
  expect(read(one(8, { type: "integer" }), "1.5")).toHaveProperty("error");
  expect(read(one(8, { type: "integer" }), "")).toHaveProperty("error");
  expect(read(one(null, { type: ["null", "integer"] }), "")).toEqual({ value: null });
  expect(read(one([1]), "[1, 2]")).toEqual({ value: [1, 2] });
  expect(read(one([1]), "[1, 2")).toHaveProperty("error");
  expect(read(one("a"), "")).toEqual({ value: "" });
});

test("a choice keeps the type of its values", () => {
  const field = one(1, { enum: [1, "1", null] });
  expect(field.choices.map(choice => choice.value)).toEqual(["1", '"1"', "null"]);
  expect(read(field, textOf(field, "1"))).toEqual({ value: "1" });
});

test("only what differs from its default is sent", () => {
  const fields = fieldsOf({ day: param("a"), size: param(8, { type: "integer" }), shape: param({ n: 1 }) });
  expect(fill(fields, {})).toEqual({ conf: {}, errors: {} });
  expect(fill(fields, { size: "9", shape: '{"n":1}' }).conf).toEqual({ size: 9 });
});

test("a param without a default has to be given", () => {
  const fields = fieldsOf({ day: param(null, { type: "string" }) });
  expect(fill(fields, {}).errors).toHaveProperty("day");
  expect(fill(fields, { day: "x" })).toEqual({ conf: { day: "x" }, errors: {} });
});

test("a refusal of the server is told at its field", () => {
  const fields = fieldsOf({ size: param(8) });
  expect(refusedField("Invalid input for param size: 0 is less than the minimum of 1", fields)).toEqual({
    name: "size",
    text: "0 is less than the minimum of 1",
  });
  expect(refusedField("Invalid input for param other: no", fields)).toBe(null);
  expect(refusedField("the DAG is gone", fields)).toBe(null);
});
