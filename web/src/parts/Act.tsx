// A change that a person asks for: a button, and before anything happens a dialog that says what
// will change.

import { Button, Modal, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import classes from "./Act.module.css";
import { Answer, Trouble } from "./Answer";
import { say } from "./said";

export interface Plan {
  lines: string[];
  notes: string[];
}

export interface Change {
  label: string;
  title: string;
  /** What it does, in a sentence. */
  what: ReactNode;
  /** What the server says that it would change, a line each, and what it says besides: nobody agrees
      before it is known. */
  preview?: () => Promise<string[] | Plan>;
  previewKey?: string[];
  /** The name of a text that may be written beside it. */
  text?: { label: string; initial?: string };
  /** More to choose, whose values are a part of previewKey. */
  options?: ReactNode;
  isDangerous?: boolean;
  run: (text: string) => Promise<unknown>;
  done: string;
  /** The opposite of it, by what `run` came to; nothing where there is none. */
  undo?: (made: unknown) => (() => Promise<unknown>) | undefined;
}

function Preview({ of: { lines, notes } }: { of: Plan }) {
  return (
    <>
      {lines.length === 0 ? (
        <p className={classes.none}>Nothing would change.</p>
      ) : (
        <div>
          <p className={classes.count}>
            {lines.length === 1 ? "1 thing changes:" : `${lines.length} things change:`}
          </p>
          <ul className={classes.lines}>
            {lines.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
      {notes.map(note => (
        <div key={note}>{note}</div>
      ))}
    </>
  );
}

/** What is in the dialog: it begins anew each time that it opens. */
function Asked({ change, close }: { change: Change; close: () => void }) {
  const [text, setText] = useState(change.text?.initial ?? "");
  const queries = useQueryClient();
  const preview = useQuery({
    queryKey: ["preview", ...(change.previewKey ?? [change.title])],
    queryFn: async (): Promise<Plan> => {
      const plan = (await change.preview?.()) ?? [];
      return Array.isArray(plan) ? { lines: plan, notes: [] } : plan;
    },
    enabled: change.preview !== undefined,
    staleTime: 0,
    gcTime: 0,
  });
  const mutation = useMutation({
    // The opposite is that of what stood there when it was asked for.
    mutationFn: async () => {
      const answer = await change.run(text);
      return change.undo?.(answer);
    },
    onSuccess: undo => {
      close();
      say(change.done, undo && (() => undo().then(() => queries.invalidateQueries())));
      return queries.invalidateQueries();
    },
  });
  const isKnown = change.preview === undefined || (preview.data?.lines.length ?? 0) > 0;
  return (
    <div className={classes.body}>
      <div>{change.what}</div>
      {change.options}
      {change.preview && (
        <Answer of={preview} lines={2}>
          {plan => <Preview of={plan} />}
        </Answer>
      )}
      {change.text && (
        <Textarea
          label={change.text.label}
          value={text}
          onChange={event => setText(event.currentTarget.value)}
          autosize
          maxRows={6}
        />
      )}
      {mutation.error && <Trouble error={mutation.error} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          color={change.isDangerous ? "red.8" : undefined}
          loading={mutation.isPending}
          disabled={!isKnown}
          onClick={() => mutation.mutate()}
        >
          {change.label}
        </Button>
      </div>
    </div>
  );
}

export function Act({ change, variant = "default" }: { change: Change; variant?: string }) {
  const [isOpen, dialog] = useDisclosure();
  return (
    <>
      <Button size="xs" variant={variant} onClick={dialog.open}>
        {change.label}
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title={change.title} lockScroll={false} centered>
        <Asked change={change} close={dialog.close} />
      </Modal>
    </>
  );
}
