import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { sources } from "@/api/operations";
import { Answer, Empty } from "@/parts/Answer";
import { DagLink } from "@/parts/links";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import classes from "./Health.module.css";

export function Files() {
  const all = useQuery(sources());
  return (
    <Card title="Files of the project" beside={all.data && <span>{all.data.files.length} files</span>}>
      <Answer of={all}>
        {({ files }) =>
          files.length === 0 ? (
            <Empty title="There are no files.">
              The project's folder has dags/, clusters/ and signalbox.yaml.
            </Empty>
          ) : (
            <Table
              label="Files"
              rows={files}
              rowKey={file => file.path}
              columns={[
                { name: "File", of: file => <span className={classes.code}>{file.path}</span> },
                {
                  name: "DAGs",
                  of: file =>
                    file.dags.length > 0
                      ? file.dags.map(({ dag_id }, i) => (
                          <span key={dag_id}>
                            {i > 0 && ", "}
                            <DagLink dag={dag_id} />
                          </span>
                        ))
                      : "–",
                },
                {
                  name: "Mistakes",
                  kind: "number",
                  of: file =>
                    file.import_errors > 0 ? <Link to="/import-errors">{file.import_errors}</Link> : "none",
                },
              ]}
            />
          )
        }
      </Answer>
    </Card>
  );
}
