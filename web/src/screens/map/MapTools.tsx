import { ActionIcon, Menu } from "@mantine/core";
import type { ReactNode } from "react";
import { DownloadIcon, FitIcon, MinusIcon, PlusIcon } from "@/parts/icons";
import { FilmIcon } from "./film/icons";
import classes from "./Panels.module.css";
import { WallIcon } from "./wall/icons";

interface ToolProps {
  label: string;
  onClick: () => void;
  isOn?: boolean;
  children: ReactNode;
}

const Tool = ({ label, onClick, isOn, children }: ToolProps) => (
  <ActionIcon
    variant={isOn ? "filled" : "subtle"}
    color={isOn ? undefined : "gray"}
    c={isOn ? undefined : "inherit"}
    aria-label={label}
    aria-pressed={isOn}
    title={label}
    onClick={onClick}
  >
    {children}
  </ActionIcon>
);

interface MapToolsProps {
  zoomIn: () => void;
  zoomOut: () => void;
  fitAll: () => void;
  saveAs: (kind: "svg" | "png") => void;
  toggleFilm: () => void;
  hasFilm: boolean;
  openWall: () => void;
}

export function MapTools({ zoomIn, zoomOut, fitAll, saveAs, toggleFilm, hasFilm, openWall }: MapToolsProps) {
  return (
    <div className={classes.tools}>
      <Tool label="Nearer" onClick={zoomIn}>
        <PlusIcon />
      </Tool>
      <Tool label="Farther" onClick={zoomOut}>
        <MinusIcon />
      </Tool>
      <Tool label="Show all of it" onClick={fitAll}>
        <FitIcon />
      </Tool>
      <Tool label="Film of the week" onClick={toggleFilm} isOn={hasFilm}>
        <FilmIcon />
      </Tool>
      <Tool label="On the wall" onClick={openWall}>
        <WallIcon />
      </Tool>
      <Menu position="right-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            c="inherit"
            aria-label="Save the map"
            title="Save the map"
          >
            <DownloadIcon />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => saveAs("svg")}>Save as SVG</Menu.Item>
          <Menu.Item onClick={() => saveAs("png")}>Save as PNG</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
