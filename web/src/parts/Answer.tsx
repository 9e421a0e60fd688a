// What stands where an answer is awaited: a hint of its form, what went wrong and what to do, or
// what would be there.

import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { ApiError, NO_ANSWER } from "@/api/client";
import classes from "./Answer.module.css";
import type { Waited } from "./waited";

function whatToDo(error: Error): string {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === NO_ANSWER) return "Check that the server runs and that you reach it.";
  if (status === 403) return "Ask an admin for the role that it needs.";
  if (status === 404) return "It may have been deleted, or it belongs to a team whose DAGs you do not see.";
  if (status === 503) return "The server is busy or stores nothing at the moment. Try again soon.";
  return "Try again; if it stays, look into the server's log.";
}

export function Trouble({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <div role="alert" className={classes.trouble}>
      <strong>{error.message}</strong>
      <p>{whatToDo(error)}</p>
      {retry && (
        <Button size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  );
}

interface AnswerProps<T> {
  of: Waited<T>;
  children: (data: T) => ReactNode;
  lines?: number;
}

export function Answer<T>({ of, children, lines = 4 }: AnswerProps<T>) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <Trouble error={of.error} retry={() => of.refetch()} />;
  return (
    <div role="status" aria-busy="true" aria-label="Loading" className={classes.waiting}>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={i} height={18} />
      ))}
    </div>
  );
}
