import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useRef } from "react";
import { estate, layout } from "@/api/queries";
import type { Estate, MapLayout } from "@/api/types";
import { useKeys } from "@/app/keys";
import { Answer, Empty } from "@/parts/Answer";
import { dagOf, useShine } from "./bright";
import { useBlackoutEdges } from "./closed";
import { Drawer } from "./Drawer";
import { Drawing } from "./Drawing";
import { useExpected } from "./expected";
import { FocusBar } from "./FocusBar";
import { FilmBar } from "./film/FilmBar";
import { useFilm } from "./film/useFilm";
import { Legend } from "./Legend";
import { scaleOf } from "./levels";
import classes from "./Map.module.css";
import { MapTools } from "./MapTools";
import { pictureMaker } from "./picture";
import { saveMap } from "./save";
import { useFirstView } from "./useFirstView";
import { useZones } from "./useZones";
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
                <TheMap layout={theLayout} live={theEstate} />
              )
            }
          </Answer>
        )}
      </Answer>
    </div>
  );
}

// Pixels below the map that the tools, and the film, lie over.
const TOOLS = 50;
const FILM = 180;

/** Of the film; it stays while other things are chosen. */
interface Moment {
  at?: string;
}

function TheMap({ layout, live }: { layout: MapLayout; live: Estate }) {
  const { focus, way } = useSearch({ from: "/shell/" });
  const navigate = useNavigate({ from: "/" });
  const svg = useRef<SVGSVGElement>(null);
  const layer = useRef<SVGGElement>(null);
  const view = useView(svg, layer);
  useBlackoutEdges(live);
  const film = useFilm(live);
  const shown = film.scene?.estate ?? live;
  const ends = useExpected(live);
  const expected = film.scene?.expected ?? ends;
  const { plan, draw } = useMemo(() => pictureMaker(layout), [layout]);
  const picture = useMemo(() => draw(shown, expected), [draw, shown, expected]);
  const zones = useZones(live, plan);
  const shine = useShine(live, plan, focus, way);

  const chosenHere = useRef<string>(undefined);
  const choose = useCallback(
    (id: string) => {
      chosenHere.current = id;
      navigate({ search: ({ at }: Moment) => ({ at, focus: id }) });
    },
    [navigate],
  );
  const leave = useCallback(() => navigate({ search: ({ at }: Moment) => ({ at }) }), [navigate]);
  const { isOpen: hasFilm, toggle, open, close } = film;
  const below = hasFilm ? FILM : TOOLS;
  const { fit } = view;
  const fitAll = useCallback(() => fit(plan.box, { bottom: below }), [fit, plan, below]);
  useFirstView({ plan, fit, focus, chosenHere, below, ...shine });

  const openWall = useCallback(() => navigate({ to: "/wall" }), [navigate]);
  const toggleFilm = useCallback(() => (hasFilm ? close() : open()), [hasFilm, close, open]);
  useKeys(
    useMemo(
      () => ({
        ...viewKeys(view, fitAll),
        Escape: leave,
        w: openWall,
        f: toggleFilm,
        ...(hasFilm ? { " ": toggle, l: close } : {}),
      }),
      [view, fitAll, leave, openWall, toggleFilm, hasFilm, toggle, close],
    ),
  );

  const saveAs = (kind: "svg" | "png") => {
    if (svg.current && layer.current) saveMap(svg.current, layer.current, kind, scaleOf(view.step));
  };
  return (
    <div className={classes.frame} data-time={film.time}>
      <Drawing
        {...{ svg, layer, layout, plan, picture, zones, choose }}
        step={view.step}
        now={film.at}
        bright={shine.bright}
        lit={shine.lit}
        chosen={focus}
      />
      {focus && (
        <FocusBar
          way={way}
          isRunning={!hasFilm && dagOf(live, focus)?.run?.state === "running"}
          set={value => navigate({ search: ({ at }: Moment) => ({ at, focus, way: value }) })}
          end={leave}
        />
      )}
      <MapTools {...view} {...{ fitAll, saveAs, openWall, toggleFilm, hasFilm }} />
      {hasFilm ? <FilmBar film={film} isBesideDrawer={focus !== undefined} /> : !focus && <Legend />}
      {focus && <Drawer estate={shown} id={focus} close={leave} time={film.time} />}
    </div>
  );
}
