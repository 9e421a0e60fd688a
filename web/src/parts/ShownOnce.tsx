// A secret that nobody can ask for again.

import { Button, CopyButton, Modal } from "@mantine/core";
import { Buttons } from "./Filters";
import classes from "./ShownOnce.module.css";

interface ShownOnceProps {
  title: string;
  what: string;
  secret: string | undefined;
  close: () => void;
}

export function ShownOnce({ title, what, secret, close }: ShownOnceProps) {
  return (
    // A click beside it does not close it: it would be lost.
    <Modal
      opened={secret !== undefined}
      onClose={close}
      closeOnClickOutside={false}
      title={title}
      lockScroll={false}
      centered
    >
      <div>{what} It is shown this once: keep it now.</div>
      <code className={classes.secret}>{secret}</code>
      <Buttons>
        <CopyButton value={secret ?? ""}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
        <Button onClick={close}>I have it</Button>
      </Buttons>
    </Modal>
  );
}
