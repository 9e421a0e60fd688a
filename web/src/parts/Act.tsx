// A change that a person asks for: a button, and before anything happens a dialog that says what
// will change.

import { Button, Modal, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import classes from "./Act.module.css";
import { Answer, Trouble } from "./Answer";
import { say } from "./said";

export interface Change {
  label: string;
  title: string;
  /** What it does, in a sentence. */
  what: ReactNode;
  /** What the server says that it would change; a line each. */
  preview?: () => Promise<string[]>;
  previewKey?: string[];
  /** The name of a text that may be written beside it. */
  text?: { label: string; initial?: string };
  /** More to choose, whose values are a part of previewKey. */
  options?: ReactNode;
  isDangerous?: boolean;
  run: (text: string) => Promise<unknown>;
  done: string;
}

function Preview({ change }: { change: Change }) {
  const lines = useQuery({
    queryKey: ["preview", ...(change.previewKey ?? [change.title])],
    queryFn: () => change.preview?.() ?? Promise.resolve([]),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Answer of={lines} lines={2}>
      {all =>
        all.length === 0 ? (
          <p className={classes.none}>Nothing would change.</p>
        ) : (
          <>
            <p className={classes.count}>
              {all.length === 1 ? "1 thing changes:" : `${all.length} things change:`}
            </p>
            <ul className={classes.lines}>
              {all.map(line => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </>
        )
      }
    </Answer>
  );
}

export function Act({ change, variant = "default" }: { change: Change; variant?: string }) {
  const [isOpen, dialog] = useDisclosure();
  const [text, setText] = useState(change.text?.initial ?? "");
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: () => change.run(text),
    onSuccess: () => {
      dialog.close();
      say(change.done);
      return queries.invalidateQueries();
    },
  });
  return (
    <>
      <Button size="xs" variant={variant} onClick={dialog.open}>
        {change.label}
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title={change.title} lockScroll={false} centered>
        <div className={classes.body}>
          <div>{change.what}</div>
          {change.options}
          {change.preview && <Preview change={change} />}
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
            <Button variant="default" onClick={dialog.close}>
              Cancel
            </Button>
            <Button
              color={change.isDangerous ? "red.8" : undefined}
              loading={mutation.isPending}
              onClick={() => mutation.mutate()}
            >
              {change.label}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
