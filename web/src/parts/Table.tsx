import type { ReactNode } from "react";
import classes from "./Table.module.css";

export interface Column<Row> {
  name: string;
  of: (row: Row) => ReactNode;
  kind?: "number" | "soft" | "long" | "nowrap";
}

interface TableProps<Row> {
  label: string;
  rows: Row[];
  rowKey: (row: Row) => string;
  columns: Column<Row>[];
}

export function Table<Row>({ label, rows, rowKey, columns }: TableProps<Row>) {
  return (
    <div className={classes.wrap} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map(column => (
              <th
                key={column.name}
                scope="col"
                className={column.kind === "number" ? classes.number : undefined}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={rowKey(row)}>
              {columns.map(column => (
                <td
                  key={column.name}
                  data-label={column.name}
                  className={column.kind && classes[column.kind]}
                >
                  {/* One box beside the name, however many there are in it. */}
                  <div>{column.of(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
