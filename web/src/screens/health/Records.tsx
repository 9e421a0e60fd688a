// Variables and connections by their names: values are never shown here.

import { useQuery } from "@tanstack/react-query";
import { connectionNames, variableNames } from "@/api/operations";
import { Answer, Empty } from "@/parts/Answer";
import { Words } from "@/parts/Filters";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import classes from "./Health.module.css";

const Hidden = ({ command }: { command: string }) => (
  <Words>
    Values are not shown. <code>{command}</code> sets them.
  </Words>
);

export function Variables() {
  const all = useQuery(variableNames());
  return (
    <Card title="Variables">
      <Answer of={all}>
        {list =>
          list.length === 0 ? (
            <Empty title="There are no variables.">
              <code>signalbox variables set</code> keeps a value, sealed, that templates of DAGs read.
            </Empty>
          ) : (
            <>
              <Hidden command="signalbox variables set" />
              <Table
                label="Variables"
                rows={list}
                rowKey={row => row.key}
                columns={[
                  { name: "Key", of: row => <span className={classes.code}>{row.key}</span> },
                  { name: "What it is for", kind: "long", of: row => row.description ?? "–" },
                ]}
              />
            </>
          )
        }
      </Answer>
    </Card>
  );
}

export function Connections() {
  const all = useQuery(connectionNames());
  return (
    <Card title="Connections">
      <Answer of={all}>
        {list =>
          list.length === 0 ? (
            <Empty title="There are no connections.">
              <code>signalbox connections add</code> keeps host, user and password of another service, sealed.
            </Empty>
          ) : (
            <>
              <Hidden command="signalbox connections add" />
              <Table
                label="Connections"
                rows={list}
                rowKey={row => row.connection_id}
                columns={[
                  {
                    name: "Connection",
                    of: row => <span className={classes.code}>{row.connection_id}</span>,
                  },
                  { name: "Type", of: row => row.conn_type },
                  { name: "What it is for", kind: "long", of: row => row.description ?? "–" },
                ]}
              />
            </>
          )
        }
      </Answer>
    </Card>
  );
}
