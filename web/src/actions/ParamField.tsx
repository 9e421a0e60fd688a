import { Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { localOf, momentOf } from "@/time/local";
import { useZone } from "@/time/zone";
import { type Field, textOf } from "./params";

interface ParamFieldProps {
  field: Field;
  /** Nothing: what it is by default. */
  text: string | undefined;
  error: string | undefined;
  onChange: (text: string) => void;
}

const HINTS: Partial<Record<Field["kind"], string>> = {
  integer: "a whole number",
  number: "a number",
  json: "JSON",
};

/** What it takes, in a few words. */
function aboutOf({ about, kind, schema, isNullable, hasInitial }: Field): string | undefined {
  const { minimum, maximum, minLength, maxLength, pattern, examples } = schema;
  const range =
    minimum !== undefined && maximum !== undefined
      ? `from ${minimum} to ${maximum}`
      : minimum !== undefined
        ? `at least ${minimum}`
        : maximum !== undefined
          ? `at most ${maximum}`
          : undefined;
  const facts = [
    about,
    HINTS[kind],
    range,
    minLength !== undefined && `at least ${minLength} characters`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    pattern !== undefined && `has to fit ${pattern}`,
    examples?.length &&
      `such as ${examples.map(one => (typeof one === "string" ? one : JSON.stringify(one))).join(", ")}`,
    isNullable && "may be empty",
    !hasInitial && "has no default",
  ].filter(Boolean);
  return facts.length ? facts.join("; ") : undefined;
}

export function ParamField({ field, text, error, onChange }: ParamFieldProps) {
  const zone = useZone();
  const shown = text ?? textOf(field, field.initial);
  const common = { label: field.title, description: aboutOf(field), error, withAsterisk: !field.hasInitial };
  const typed = {
    ...common,
    value: shown,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  switch (field.kind) {
    case "boolean":
      return field.isNullable || !field.hasInitial ? (
        <Select
          {...common}
          clearable={field.isNullable}
          data={["true", "false"]}
          value={shown || null}
          onChange={value => onChange(value ?? "")}
        />
      ) : (
        <Checkbox
          label={field.title}
          description={common.description}
          error={error}
          checked={shown === "true"}
          onChange={event => onChange(String(event.currentTarget.checked))}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          clearable={field.isNullable}
          data={field.choices}
          value={shown || null}
          onChange={value => onChange(value ?? "")}
        />
      );
    case "date":
    case "time":
      return <TextInput {...typed} type={field.kind} step={field.kind === "time" ? 1 : undefined} />;
    case "instant":
      return (
        <TextInput
          {...typed}
          label={`${field.title} (${zone})`}
          type="datetime-local"
          value={shown && localOf(Date.parse(shown), zone)}
          onChange={event => {
            const at = momentOf(event.currentTarget.value, zone);
            onChange(Number.isNaN(at) ? "" : new Date(at).toISOString());
          }}
        />
      );
    case "lines":
    case "json":
      return <Textarea {...typed} autosize minRows={2} maxRows={10} />;
    case "integer":
    case "number":
      return <TextInput {...typed} inputMode={field.kind === "integer" ? "numeric" : "decimal"} />;
    default:
      return <TextInput {...typed} />;
  }
}
