// What stands around every screen: where one can go, what time it is, who one is.

import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { ClusterIcon, DagsIcon, MapIcon, SearchIcon, TodayIcon } from "@/parts/icons";
import { SaidList } from "@/parts/said";
import { HeldBanner, LostBanner } from "./Banners";
import { ClockMenu } from "./ClockMenu";
import { KeysHelp } from "./KeysHelp";
import { useKeys } from "./keys";
import { useLive } from "./live";
import { SearchBox } from "./SearchBox";
import classes from "./Shell.module.css";
import { SessionProvider } from "./session";
import { ThemeButton } from "./ThemeButton";
import { UserMenu } from "./UserMenu";

function Place({ to, icon, children }: { to: string; icon: ReactNode; children: ReactNode }) {
  return (
    <Link
      to={to}
      className={classes.place}
      activeOptions={{ exact: to === "/" }}
      activeProps={{ className: classes.here }}
    >
      {icon}
      <span>{children}</span>
    </Link>
  );
}

function Frame() {
  const connection = useLive();
  const navigate = useNavigate();
  const [isSearching, search] = useDisclosure();
  const [isHelping, help] = useDisclosure();
  useKeys(
    useMemo(
      () => ({
        "/": search.open,
        "?": help.open,
        "g m": () => navigate({ to: "/" }),
        "g t": () => navigate({ to: "/today" }),
        "g d": () => navigate({ to: "/dags" }),
        "g c": () => navigate({ to: "/clusters" }),
      }),
      [navigate, search.open, help.open],
    ),
  );
  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <header className={classes.bar}>
        <Link to="/" className={classes.brand} aria-label="Signalbox">
          <img src="/favicon.svg" alt="" width={26} height={26} />
          <span>Signalbox</span>
        </Link>
        <button
          type="button"
          className={classes.search}
          aria-label="Find a DAG, job or cluster"
          onClick={search.open}
        >
          <SearchIcon />
          <span>Find a DAG, job or cluster</span>
          <kbd>/</kbd>
        </button>
        <div className={classes.tools}>
          <span className={classes.connection} data-now={connection}>
            {connection === "live" ? "live" : connection === "lost" ? "not connected" : "connecting"}
          </span>
          <ClockMenu />
          <ThemeButton />
          <UserMenu onHelp={help.open} />
        </div>
      </header>
      <nav className={classes.nav} aria-label="Screens">
        <Place to="/" icon={<MapIcon />}>
          Map
        </Place>
        <Place to="/today" icon={<TodayIcon />}>
          Today
        </Place>
        <Place to="/dags" icon={<DagsIcon />}>
          DAGs
        </Place>
        <Place to="/clusters" icon={<ClusterIcon />}>
          Clusters
        </Place>
      </nav>
      <main className={classes.main} id="content" tabIndex={-1}>
        {connection === "lost" && <LostBanner />}
        <HeldBanner />
        <div className={classes.screen} tabIndex={0}>
          <Outlet />
        </div>
      </main>
      <SearchBox isOpen={isSearching} close={search.close} />
      <KeysHelp isOpen={isHelping} close={help.close} />
      <SaidList />
    </div>
  );
}

export const Shell = () => (
  <SessionProvider>
    <Frame />
  </SessionProvider>
);
