import { Modal } from "@mantine/core";
import classes from "./KeysHelp.module.css";
import { useOperations } from "./PlacesBar";
import { MAIN } from "./places";

const FIRST: [string, string][] = [
  ["/", "find a DAG, a job, a cluster or a screen"],
  ["?", "this list"],
];
const LAST: [string, string][] = [
  ["+  −", "map: nearer, farther"],
  ["0", "map: show all of it"],
  ["Arrows", "map: move it"],
  ["f", "map: film of the week; Space plays it, l leads back to live"],
  ["w", "map: on the wall"],
  ["Esc", "close what is open, end a focus"],
];

export function KeysHelp({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const places = [...MAIN, ...useOperations()].map((place): [string, string] => [
    `g ${place.key}`,
    `go to ${place.name}`,
  ]);
  return (
    <Modal opened={isOpen} onClose={close} title="Keys" lockScroll={false} centered>
      <table className={classes.keys}>
        <tbody>
          {[...FIRST, ...places, ...LAST].map(([key, what]) => (
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
