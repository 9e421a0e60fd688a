import { Modal, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { type KeyboardEvent, useMemo, useState } from "react";
import { estate } from "@/api/queries";
import { everything, type Found, find, screensAmong } from "./find";
import { useOperations } from "./PlacesBar";
import { MAIN } from "./places";
import classes from "./SearchBox.module.css";

export function SearchBox({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      withCloseButton={false}
      lockScroll={false}
      title="Find"
      padding={0}
      size="lg"
      yOffset="12vh"
    >
      <Search close={close} />
    </Modal>
  );
}

function Search({ close }: { close: () => void }) {
  const { data } = useQuery(estate());
  const navigate = useNavigate();
  const isOnMap = useRouterState({ select: state => state.location.pathname === "/" });
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const operations = useOperations();
  const all = useMemo(
    () => [...(data ? everything(data) : []), ...screensAmong([...MAIN, ...operations])],
    [data, operations],
  );
  const found = useMemo(() => find(all, text), [all, text]);

  const go = (to: Found | undefined) => {
    if (!to) return;
    close();
    if (to.to) navigate({ to: to.to });
    else if (to.kind === "cluster" && to.cluster)
      navigate({ to: "/clusters/$cluster", params: { cluster: to.cluster } });
    else if (isOnMap || to.kind === "job") navigate({ to: "/", search: { focus: to.id } });
    else navigate({ to: "/dags/$dag", params: { dag: to.dag } });
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setPlace(old => Math.max(0, Math.min(found.length - 1, old + step)));
    }
    if (event.key === "Enter") go(found[place]);
  };
  return (
    <div className={classes.box}>
      <TextInput
        data-autofocus
        size="md"
        placeholder="A DAG, a job, a cluster's id, a screen"
        aria-label="Find a DAG, job or cluster"
        role="combobox"
        aria-expanded
        aria-controls="found"
        aria-activedescendant={found[place] ? `found-${place}` : undefined}
        value={text}
        onKeyDown={onKey}
        onChange={event => {
          setText(event.currentTarget.value);
          setPlace(0);
        }}
      />
      <div id="found" role="listbox" aria-label="Found" className={classes.list}>
        {found.map((one, i) => (
          <div
            key={`${one.kind}/${one.within}/${one.name}`}
            id={`found-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === place}
            className={classes.one}
            onClick={() => go(one)}
            onKeyDown={event => event.key === "Enter" && go(one)}
            onMouseEnter={() => setPlace(i)}
          >
            <span>{one.name}</span>
            <small>
              {one.kind}
              {one.within ? ` · ${one.within}` : ""}
            </small>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={classes.none}>Nothing here has that name.</p>}
    </div>
  );
}
