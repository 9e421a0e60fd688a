// The form of a run that a person triggers: a field for each param, and what the run gets.

import { Button, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { change, part } from "@/api/client";
import { dagDetails } from "@/api/queries";
import classes from "@/parts/Act.module.css";
import { Answer, Trouble } from "@/parts/Answer";
import { say } from "@/parts/said";
import { momentOf } from "@/time/local";
import { useZone } from "@/time/zone";
import { ParamField } from "./ParamField";
import { ParamsPreview } from "./ParamsPreview";
import { type Field, fieldsOf, fill, type Param, readJson, refusedField } from "./params";
import { RequestsPreview } from "./RequestsPreview";
import own from "./Trigger.module.css";

interface TriggerFormProps {
  dag: string;
  close: () => void;
}

export default function TriggerForm({ dag, close }: TriggerFormProps) {
  const details = useQuery(dagDetails(dag));
  return <Answer of={details}>{({ params }) => <Fields dag={dag} close={close} params={params} />}</Answer>;
}

interface Others {
  run: string;
  date: string;
  note: string;
  conf: string;
}

function bodyOf(conf: Record<string, unknown>, others: Others, zone: string) {
  return {
    conf,
    dag_run_id: others.run.trim() || undefined,
    logical_date: others.date ? new Date(momentOf(others.date, zone)).toISOString() : null,
    note: others.note || undefined,
  };
}

function Fields({ dag, close, params }: TriggerFormProps & { params: Record<string, Param> }) {
  const fields = useMemo(() => fieldsOf(params), [params]);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [others, setOthers] = useState<Others>({ run: "", date: "", note: "", conf: "" });
  const [isAsked, setAsked] = useState(false);
  const zone = useZone();
  const queries = useQueryClient();
  const filled = fill(fields, texts);
  const more = others.conf.trim() ? readMore(others.conf) : { value: {} };
  const conf = { ...filled.conf, ...("value" in more ? more.value : {}) };
  const trigger = useMutation({
    mutationFn: () => change("POST", `/dags/${part(dag)}/dagRuns`, bodyOf(conf, others, zone)),
    onSuccess: () => {
      close();
      say(`A run of ${dag} has begun.`);
      return queries.invalidateQueries();
    },
  });
  const refused = trigger.error && refusedField(trigger.error.message, fields);
  const errorOf = (field: Field) =>
    refused?.name === field.name ? refused.text : isAsked ? filled.errors[field.name] : undefined;

  const isWhole = Object.keys(filled.errors).length === 0 && !("error" in more);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (isWhole) trigger.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.body} noValidate>
      <div>A run begins at once, beside the schedule.</div>
      {sectionsOf(fields).map(([section, list]) => (
        <fieldset key={section ?? ""} className={own.section}>
          {section && <legend>{section}</legend>}
          {list.map(field => (
            <ParamField
              key={field.name}
              field={field}
              text={texts[field.name]}
              error={errorOf(field)}
              onChange={text => {
                setTexts({ ...texts, [field.name]: text });
                trigger.reset();
              }}
            />
          ))}
        </fieldset>
      ))}
      <MoreFields
        others={others}
        onChange={setOthers}
        confError={"error" in more ? more.error : undefined}
        zone={zone}
      />
      <ParamsPreview params={params} conf={conf} />
      <RequestsPreview
        dag={dag}
        body={bodyOf(conf, others, zone)}
        isWhole={isWhole && !trigger.isPending && !trigger.isSuccess}
      />
      {trigger.error && !refused && <Trouble error={trigger.error} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={trigger.isPending}>
          Trigger
        </Button>
      </div>
    </form>
  );
}

/** In the file's order; those without a section come first. */
function sectionsOf(fields: Field[]): [string | null, Field[]][] {
  const sections = Map.groupBy(fields, field => field.section);
  const none = sections.get(null);
  sections.delete(null);
  return none ? [[null, none], ...sections] : [...sections];
}

function readMore(text: string): { value: Record<string, unknown> } | { error: string } {
  const got = readJson(text);
  if ("error" in got) return got;
  const { value } = got;
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { value: value as Record<string, unknown> }
    : { error: 'This has to be a JSON object, such as {"name": "value"}.' };
}

interface MoreFieldsProps {
  others: Others;
  onChange: (to: Others) => void;
  confError?: string;
  zone: string;
}

function MoreFields({ others, onChange, confError, zone }: MoreFieldsProps) {
  return (
    <details className={own.more}>
      <summary>Run id, logical date, note, other values</summary>
      <div className={own.section}>
        <TextInput
          label="Run id"
          description="Made of the time unless given."
          value={others.run}
          onChange={event => onChange({ ...others, run: event.currentTarget.value })}
        />
        <TextInput
          type="datetime-local"
          label={`Logical date (${zone})`}
          description="Empty: the run has none. Dates in templates are of the moment then."
          value={others.date}
          onChange={event => onChange({ ...others, date: event.currentTarget.value })}
        />
        <TextInput
          label="Note"
          value={others.note}
          onChange={event => onChange({ ...others, note: event.currentTarget.value })}
        />
        <Textarea
          label="Other values, as JSON"
          description="A DAG takes what it does not declare only with params_open."
          autosize
          maxRows={8}
          error={confError}
          value={others.conf}
          onChange={event => onChange({ ...others, conf: event.currentTarget.value })}
        />
      </div>
    </details>
  );
}
