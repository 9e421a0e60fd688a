import { useQuery } from "@tanstack/react-query";
import { config } from "@/api/operations";
import { Answer } from "@/parts/Answer";
import { Words } from "@/parts/Filters";
import { Card } from "@/parts/Page";
import { Table } from "@/parts/Table";
import classes from "./Health.module.css";

export function Settings() {
  const all = useQuery(config());
  return (
    <Card title="Settings in force">
      <Words>
        By the sections and keys of signalbox.yaml, with the defaults. Secrets and the addresses of other
        services are not among them.
      </Words>
      <Answer of={all}>
        {({ sections }) => (
          <Table
            label="Settings"
            rows={sections.flatMap(section =>
              section.options.map(option => ({
                ...option,
                key: section.name === "core" ? option.key : `${section.name}.${option.key}`,
              })),
            )}
            rowKey={row => row.key}
            columns={[
              { name: "Key", of: row => <span className={classes.code}>{row.key}</span> },
              { name: "Value", of: row => <span className={classes.code}>{row.value}</span> },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}
