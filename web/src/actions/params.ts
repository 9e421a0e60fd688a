// The fields of a trigger's form, of a DAG's params: their kinds, their texts, and what is sent. Pure.

export interface ParamSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  section?: string;
  format?: string;
  enum?: unknown[];
  examples?: unknown[];
  values_display?: Record<string, string>;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}
export interface Param {
  value: unknown;
  schema: ParamSchema;
  description: string | null;
}

export type Kind =
  | "text"
  | "lines"
  | "integer"
  | "number"
  | "boolean"
  | "choice"
  | "date"
  | "time"
  | "instant"
  | "json";

export interface Field {
  name: string;
  title: string;
  about: string | null;
  section: string | null;
  kind: Kind;
  /** Empty means null. */
  isNullable: boolean;
  initial: unknown;
  hasInitial: boolean;
  choices: { value: string; label: string }[];
  schema: ParamSchema;
}

const typeOf = (value: unknown): string => {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
};

function typesOf({ value, schema }: Param): string[] {
  const { type } = schema;
  if (type === undefined) return [typeOf(value)];
  return Array.isArray(type) ? type : [type];
}

const FORMATS: Record<string, Kind> = {
  date: "date",
  time: "time",
  "date-time": "instant",
  multiline: "lines",
};

function kindOf(param: Param): Kind {
  if (param.schema.enum) return "choice";
  const types = typesOf(param).filter(type => type !== "null");
  const [type] = types;
  // Of several types, a text would not say which is meant.
  if (types.length > 1) return types.every(one => one === "integer" || one === "number") ? "number" : "json";
  if (type === "string") return FORMATS[param.schema.format ?? ""] ?? "text";
  if (type === "integer") return param.schema.type ? "integer" : "number";
  if (type === "number" || type === "boolean") return type;
  return "json";
}

export function fieldsOf(params: Record<string, Param>): Field[] {
  return Object.entries(params).map(([name, param]) => {
    const { schema } = param;
    return {
      name,
      title: schema.title ?? name,
      about: param.description ?? schema.description ?? null,
      section: schema.section ?? null,
      kind: kindOf(param),
      isNullable: typesOf(param).includes("null"),
      initial: param.value,
      // A param without a default has no value either: null is a default only where it fits.
      hasInitial: param.value !== null || typesOf(param).includes("null"),
      choices: (schema.enum ?? []).map(one => ({
        value: JSON.stringify(one),
        label: schema.values_display?.[String(one)] ?? (typeof one === "string" ? one : JSON.stringify(one)),
      })),
      schema,
    };
  });
}

/** What stands in the field for a value. */
export function textOf(field: Field, value: unknown): string {
  if (field.kind === "choice") return value === undefined ? "" : JSON.stringify(value);
  if (value === null || value === undefined) return "";
  if (field.kind === "json") return JSON.stringify(value, null, 2);
  return String(value);
}

export type Read = { value: unknown } | { error: string } | { absent: true };

/** What the text of a field means. The server checks it once more, with the whole schema. */
export function read(field: Field, text: string): Read {
  if (field.kind === "choice") return text === "" ? empty(field) : { value: JSON.parse(text) };
  if (field.kind === "boolean") return text === "" ? empty(field) : { value: text === "true" };
  if (text.trim() === "" && field.kind !== "text" && field.kind !== "lines") return empty(field);
  if (text === "" && (field.isNullable || !field.hasInitial)) return empty(field);
  switch (field.kind) {
    case "integer":
      return /^\s*[-+]?\d+\s*$/.test(text)
        ? { value: Number(text) }
        : { error: "This has to be a whole number." };
    case "number":
      return Number.isFinite(Number(text)) ? { value: Number(text) } : { error: "This has to be a number." };
    case "json":
      return readJson(text);
    default:
      return { value: text };
  }
}

function empty(field: Field): Read {
  if (field.isNullable) return { value: null };
  return field.hasInitial ? { error: "This needs a value." } : { absent: true };
}

export function readJson(text: string): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

export interface Filled {
  /** What differs from the defaults: the run's conf. */
  conf: Record<string, unknown>;
  /** By the name of the field. */
  errors: Record<string, string>;
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

export function fill(fields: Field[], texts: Record<string, string>): Filled {
  const filled: Filled = { conf: {}, errors: {} };
  for (const field of fields) {
    const got = read(field, texts[field.name] ?? textOf(field, field.initial));
    if ("error" in got) filled.errors[field.name] = got.error;
    else if ("absent" in got) filled.errors[field.name] = "It has no default: this needs a value.";
    else if (!field.hasInitial || !isSame(got.value, field.initial)) filled.conf[field.name] = got.value;
  }
  return filled;
}

const OF_PARAM = /Invalid input for param ([^:]+): (.*)$/s;

/** The field that a refusal of the server is about. */
export function refusedField(message: string, fields: Field[]): { name: string; text: string } | null {
  const [, name, text] = OF_PARAM.exec(message) ?? [];
  return name !== undefined && text !== undefined && fields.some(field => field.name === name)
    ? { name, text }
    : null;
}
