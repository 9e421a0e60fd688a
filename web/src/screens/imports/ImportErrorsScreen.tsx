// Files of the project with mistakes: where each is, and what to do.

import { useQuery } from "@tanstack/react-query";
import { importErrorsNow, sources } from "@/api/operations";
import { Answer, Empty } from "@/parts/Answer";
import { Soft } from "@/parts/Filters";
import { Card, Page } from "@/parts/Page";
import { When } from "@/time/When";
import { consequence, type FaultyFile, filesOf } from "./faults";
import classes from "./Imports.module.css";

export function ImportErrorsScreen() {
  const errors = useQuery(importErrorsNow());
  const project = useQuery(sources()).data?.project;
  return (
    <Page
      title="Import errors"
      beside={
        project && (
          <Soft>
            {project.folder}, read <When at={project.read_at} />
          </Soft>
        )
      }
    >
      <Answer of={errors}>
        {list =>
          list.length === 0 ? (
            <Empty title="Every file of the project can be read.">
              A file with a mistake stands here with line, column and what was expected. Its DAGs go on as
              their last good version says. <code>signalbox dags validate</code> finds the same mistakes
              before a file is put in place.
            </Empty>
          ) : (
            filesOf(list).map(file => <File key={file.file} of={file} />)
          )
        }
      </Answer>
    </Page>
  );
}

const File = ({ of: { file, since, faults } }: { of: FaultyFile }) => (
  <Card
    title={<span className={classes.file}>{file}</span>}
    beside={
      <span>
        read <When at={since} />
      </span>
    }
  >
    <ul className={classes.faults}>
      {faults.map(fault => (
        <li key={fault.id} className={classes.fault}>
          <span className={classes.place}>
            {fault.line === null ? "the file" : `line ${fault.line}, column ${fault.column}`}
          </span>
          <span>{fault.message}</span>
        </li>
      ))}
    </ul>
    <Soft>
      {consequence(file)} Correct the file where it lies: it is read again by itself, and goes from this list.
    </Soft>
  </Card>
);
