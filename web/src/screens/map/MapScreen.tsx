import { ActionIcon } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { estate, layout } from "@/api/queries";
import type { Estate, MapLayout } from "@/api/types";
import { useKeys } from "@/app/keys";
import { Answer, Empty } from "@/parts/Answer";
import { DownloadIcon, FitIcon, MinusIcon, PlusIcon } from "@/parts/icons";
import { dagOf, useBright } from "./bright";
import { Drawer } from "./Drawer";
import { useExpected } from "./expected";
import { save, svgFile } from "./export";
import { FocusBar } from "./FocusBar";
import { Assets, LineLabels, StationLabels } from "./Labels";
import { Legend } from "./Legend";
import classes from "./Map.module.css";
import { CELL, inUnits, makePicture } from "./picture";
import { StationMark } from "./StationMark";
import { Tracks } from "./Tracks";
import { Trains } from "./Trains";
import { useView, viewKeys } from "./view";

export function MapScreen() {
  const places = useQuery(layout());
  const now = useQuery(estate());
  return (
    <div className={classes.screen}>
      <Answer of={places}>
        {theLayout => (
          <Answer of={now}>
            {theEstate =>
              theEstate.dags.length === 0 ? (
                <Empty title="There are no DAGs yet.">
                  Put a file into the project's folder dags/, and its line appears here.
                  docs/getting-started.md shows how.
                </Empty>
              ) : (
                <TheMap layout={theLayout} estate={theEstate} />
              )
            }
          </Answer>
        )}
      </Answer>
    </div>
  );
}

const FOCUS_CELLS = 26; // around a station that is looked at
const DRAWER = 390;
const NARROW = 820; // where the drawer lies below
const DRAWER_BELOW = 0.5;
const NARROW_FIRST = 600; // of the map's width, so that its beginning can be read

function TheMap({ layout, estate }: { layout: MapLayout; estate: Estate }) {
  const { focus, way } = useSearch({ from: "/shell/" });
  const navigate = useNavigate({ from: "/" });
  const svg = useRef<SVGSVGElement>(null);
  const layer = useRef<SVGGElement>(null);
  const view = useView(svg, layer);
  const expected = useExpected(estate);
  const picture = useMemo(() => makePicture(layout, estate, expected), [layout, estate, expected]);
  const dags = useMemo(() => new Map(estate.dags.map(dag => [dag.id, dag])), [estate]);
  const bright = useBright(estate, focus, way);

  const chosenHere = useRef<string>(undefined);
  const hasFitted = useRef(false);
  const choose = useCallback(
    (id: string) => {
      chosenHere.current = id;
      navigate({ search: { focus: id } });
    },
    [navigate],
  );
  const leave = useCallback(() => navigate({ search: {} }), [navigate]);
  const { fit } = view;
  const fitAll = useCallback(() => {
    if (layer.current) fit(layer.current.getBBox());
  }, [fit]);

  // What is chosen on the map stays where it is; what comes by the address, or the search, is shown in
  // the middle.
  useEffect(() => {
    if (focus !== undefined && focus === chosenHere.current) return;
    const isNarrow = window.innerWidth <= NARROW;
    const station = layout.stations.find(one => one.id === focus);
    const all = layer.current?.getBBox();
    if (station) {
      const [x, y] = inUnits(station.x - FOCUS_CELLS / 2, station.y - FOCUS_CELLS / 2);
      const covered = isNarrow ? { bottom: window.innerHeight * DRAWER_BELOW } : { right: DRAWER };
      fit({ x, y, width: FOCUS_CELLS * CELL, height: FOCUS_CELLS * CELL }, covered);
    } else if (all && !hasFitted.current) {
      fit(
        isNarrow ? { x: all.x, y: all.y, width: Math.min(all.width, NARROW_FIRST), height: all.height } : all,
      );
    }
    hasFitted.current = true;
  }, [fit, focus, layout.stations]);

  useKeys(useMemo(() => ({ ...viewKeys(view, fitAll), Escape: leave }), [view, fitAll, leave]));

  const exportSvg = () => {
    if (svg.current && layer.current) save(svgFile(svg.current, layer.current), "signalbox-map.svg");
  };
  return (
    <>
      <svg
        ref={svg}
        className={classes.svg}
        data-detail={view.detail}
        role="group"
        aria-label="Map of all DAGs and jobs"
      >
        <defs>
          <pattern
            id="hatch"
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <path d="M0 0V5" className={classes.hatch} />
          </pattern>
        </defs>
        <g ref={layer} data-layer>
          <Tracks tracks={picture.tracks} bright={bright} />
          <Assets layout={layout} bright={bright} />
          {picture.stops.map(stop => (
            <StationMark
              key={stop.id}
              stop={stop}
              isDim={bright !== null && !bright.has(stop.id)}
              isChosen={stop.id === focus}
              hasLanes={view.detail === "near"}
              choose={choose}
            />
          ))}
          <Trains trains={picture.trains} bright={bright} choose={choose} />
          <StationLabels layout={layout} bright={bright} />
          <LineLabels layout={layout} bright={bright} dags={dags} choose={choose} />
        </g>
      </svg>
      {focus && (
        <FocusBar
          way={way}
          isRunning={dagOf(estate, focus)?.run?.state === "running"}
          set={value => navigate({ search: { focus, way: value } })}
          end={leave}
        />
      )}
      <div className={classes.tools}>
        <ActionIcon variant="subtle" color="gray" c="inherit" aria-label="Nearer" onClick={view.zoomIn}>
          <PlusIcon />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" c="inherit" aria-label="Farther" onClick={view.zoomOut}>
          <MinusIcon />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" c="inherit" aria-label="Show all of it" onClick={fitAll}>
          <FitIcon />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" c="inherit" aria-label="Save as SVG" onClick={exportSvg}>
          <DownloadIcon />
        </ActionIcon>
      </div>
      {!focus && <Legend />}
      {focus && <Drawer estate={estate} id={focus} close={leave} />}
    </>
  );
}
