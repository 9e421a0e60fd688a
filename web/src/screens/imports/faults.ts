// A file's mistakes, with their places. Pure.

import type { ImportError } from "@/api/types";

export interface Fault {
  id: number;
  line: number | null;
  column: number | null;
  message: string;
}
export interface FaultyFile {
  file: string;
  since: string;
  faults: Fault[];
}

/** "dags/a.yaml:3:7: message"; a file that cannot be read has no place. */
export function faultOf({ import_error_id, filename, stack_trace }: ImportError): Fault {
  const rest = stack_trace.startsWith(`${filename}:`)
    ? stack_trace.slice(filename.length)
    : `: ${stack_trace}`;
  const found = /^:(\d+):(\d+): ([\s\S]*)$/.exec(rest);
  if (!found) return { id: import_error_id, line: null, column: null, message: rest.replace(/^:\s*/, "") };
  const [, line, column, message = ""] = found;
  const at = Number(line);
  return { id: import_error_id, line: at || null, column: at ? Number(column) : null, message };
}

export function filesOf(errors: ImportError[]): FaultyFile[] {
  return [...Map.groupBy(errors, error => error.filename)].map(([file, all]) => ({
    file,
    since: all[0]?.timestamp ?? "",
    faults: all.map(faultOf),
  }));
}

/** What becomes of the things in it meanwhile. */
export function consequence(file: string): string {
  if (file.startsWith("dags/"))
    return "Its DAGs go on as their last good version says. A DAG that was never read without a mistake does not exist yet.";
  if (file.startsWith("clusters/")) return "Jobs that use this template go on with its last good version.";
  return "The last good version is in force.";
}
