// What stands around every screen: where one can go, what time it is, who one is.

import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { SearchIcon } from "@/parts/icons";
import { SaidList } from "@/parts/said";
import { HeldBanner, LostBanner } from "./Banners";
import { ClockMenu } from "./ClockMenu";
import { KeysHelp } from "./KeysHelp";
import { useKeys } from "./keys";
import { useLive } from "./live";
import { PlacesBar, useOperations } from "./PlacesBar";
import { MAIN } from "./places";
import { SearchBox } from "./SearchBox";
import classes from "./Shell.module.css";
import { SessionProvider } from "./session";
import { ThemeButton } from "./ThemeButton";
import { UserMenu } from "./UserMenu";

function Frame() {
  const connection = useLive();
  const navigate = useNavigate();
  const operations = useOperations();
  const [isSearching, search] = useDisclosure();
  const [isHelping, help] = useDisclosure();
  useKeys(
    useMemo(
      () => ({
        "/": search.open,
        "?": help.open,
        ...Object.fromEntries(
          [...MAIN, ...operations].map(({ key, to }) => [`g ${key}`, () => navigate({ to })]),
        ),
      }),
      [navigate, search.open, help.open, operations],
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
      <PlacesBar />
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
