// Which address shows which screen. Screens are loaded when they are first shown.

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type SearchSchemaInput,
} from "@tanstack/react-router";
import { estate, layout, me } from "./api/queries";
import { NotHere } from "./app/NotHere";
import { Shell } from "./app/Shell";
import { Login } from "./screens/login/Login";

/** The text parameters of an address by these names; others are dropped. */
function texts<Name extends string>(...names: Name[]) {
  return (search: Partial<Record<Name, unknown>> & SearchSchemaInput): Partial<Record<Name, string>> => {
    const kept: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const value = search[name];
      if (value !== undefined && value !== "") kept[name] = String(value);
    }
    return kept;
  };
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotHere,
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: Login,
  validateSearch: texts("next"),
});

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const map = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("./screens/map/MapScreen"), "MapScreen"),
  // The map's data is asked for while its code is fetched, unless nobody is logged in.
  loader: ({ context: { queries } }) => {
    const read = () => Promise.all([queries.prefetchQuery(layout()), queries.prefetchQuery(estate())]);
    queries.ensureQueryData(me()).then(read, () => {});
  },
  validateSearch: texts("focus", "way", "at"),
});
const wall = createRoute({
  getParentRoute: () => root,
  path: "/wall",
  component: lazyRouteComponent(() => import("./screens/map/wall/WallScreen"), "WallScreen"),
});
const today = createRoute({
  getParentRoute: () => shell,
  path: "/today",
  component: lazyRouteComponent(() => import("./screens/today/TodayScreen"), "TodayScreen"),
});
const dags = createRoute({
  getParentRoute: () => shell,
  path: "/dags",
  component: lazyRouteComponent(() => import("./screens/dags/DagsScreen"), "DagsScreen"),
  validateSearch: texts("q", "tag", "state"),
});
const dag = createRoute({
  getParentRoute: () => shell,
  path: "/dags/$dag",
  component: lazyRouteComponent(() => import("./screens/dag/DagScreen"), "DagScreen"),
  validateSearch: texts("view", "runs", "run", "open", "of", "measure", "kind", "day", "version", "against"),
});
const run = createRoute({
  getParentRoute: () => shell,
  path: "/dags/$dag/runs/$run",
  component: lazyRouteComponent(() => import("./screens/run/RunScreen"), "RunScreen"),
  validateSearch: texts("view", "state"),
});
const job = createRoute({
  getParentRoute: () => shell,
  path: "/dags/$dag/runs/$run/jobs/$job",
  component: lazyRouteComponent(() => import("./screens/job/JobScreen"), "JobScreen"),
  validateSearch: texts("lane", "index", "log", "view", "find", "whole"),
});
const clusters = createRoute({
  getParentRoute: () => shell,
  path: "/clusters",
  component: lazyRouteComponent(() => import("./screens/clusters/ClustersScreen"), "ClustersScreen"),
  validateSearch: texts("show", "q"),
});
const cluster = createRoute({
  getParentRoute: () => shell,
  path: "/clusters/$cluster",
  component: lazyRouteComponent(() => import("./screens/clusters/ClusterScreen"), "ClusterScreen"),
});

const deadlines = createRoute({
  getParentRoute: () => shell,
  path: "/deadlines",
  component: lazyRouteComponent(() => import("./screens/deadlines/DeadlinesScreen"), "DeadlinesScreen"),
  validateSearch: texts("dag", "status", "within"),
});
const backfills = createRoute({
  getParentRoute: () => shell,
  path: "/backfills",
  component: lazyRouteComponent(() => import("./screens/backfills/BackfillsScreen"), "BackfillsScreen"),
  validateSearch: texts("dag"),
});
const backfill = createRoute({
  getParentRoute: () => shell,
  path: "/backfills/$backfill",
  component: lazyRouteComponent(() => import("./screens/backfills/BackfillScreen"), "BackfillScreen"),
});
const pools = createRoute({
  getParentRoute: () => shell,
  path: "/pools",
  component: lazyRouteComponent(() => import("./screens/pools/PoolsScreen"), "PoolsScreen"),
  validateSearch: texts("pool"),
});
const budget = createRoute({
  getParentRoute: () => shell,
  path: "/budget",
  component: lazyRouteComponent(() => import("./screens/budget/BudgetScreen"), "BudgetScreen"),
  validateSearch: texts("action", "over"),
});
const importErrors = createRoute({
  getParentRoute: () => shell,
  path: "/import-errors",
  component: lazyRouteComponent(() => import("./screens/imports/ImportErrorsScreen"), "ImportErrorsScreen"),
});
const notifiers = createRoute({
  getParentRoute: () => shell,
  path: "/notifiers",
  component: lazyRouteComponent(() => import("./screens/notifiers/NotifiersScreen"), "NotifiersScreen"),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: "/audit",
  component: lazyRouteComponent(() => import("./screens/audit/AuditScreen"), "AuditScreen"),
  validateSearch: texts("actor", "kind", "dag", "refused", "from", "until"),
});
const users = createRoute({
  getParentRoute: () => shell,
  path: "/users",
  component: lazyRouteComponent(() => import("./screens/users/UsersScreen"), "UsersScreen"),
  validateSearch: texts("show"),
});
const account = createRoute({
  getParentRoute: () => shell,
  path: "/account",
  component: lazyRouteComponent(() => import("./screens/account/AccountScreen"), "AccountScreen"),
});
const health = createRoute({
  getParentRoute: () => shell,
  path: "/health",
  component: lazyRouteComponent(() => import("./screens/health/HealthScreen"), "HealthScreen"),
});

const tree = root.addChildren([
  login,
  shell.addChildren([
    map,
    today,
    dags,
    dag,
    run,
    job,
    clusters,
    cluster,
    deadlines,
    backfills,
    backfill,
    pools,
    budget,
    importErrors,
    notifiers,
    audit,
    users,
    account,
    health,
  ]),
  wall,
]);

/** As people write them: "?lane=1", not as JSON. */
function stringifySearch(search: Record<string, string | undefined>): string {
  const given = Object.entries(search).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}

export const makeRouter = (queries: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: "intent",
    parseSearch: text => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
