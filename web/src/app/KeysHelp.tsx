import { Modal } from "@mantine/core";
import classes from "./KeysHelp.module.css";

const KEYS: [string, string][] = [
  ["/", "find a DAG, job or cluster"],
  ["?", "this list"],
  ["g m", "go to the map"],
  ["g t", "go to today"],
  ["g d", "go to the DAGs"],
  ["g c", "go to the clusters"],
  ["+  −", "map: nearer, farther"],
  ["0", "map: show all of it"],
  ["Arrows", "map: move it"],
  ["Esc", "close what is open, end a focus"],
];

export function KeysHelp({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  return (
    <Modal opened={isOpen} onClose={close} title="Keys" lockScroll={false} centered>
      <table className={classes.keys}>
        <tbody>
          {KEYS.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
