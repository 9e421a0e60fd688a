// Where one can go: the four screens that everybody looks at, and those of operations.

import type { ReactNode } from "react";
import type { Role } from "@/api/types";
import { ClusterIcon, DagsIcon, Icon, MapIcon, TodayIcon } from "@/parts/icons";

export interface Place {
  to: string;
  name: string;
  icon: ReactNode;
  /** Of two keys the second: "g m". */
  key?: string;
  /** What it shows, for those who look for it by another word. */
  about: string;
  role?: Role;
}

export const MAIN: Place[] = [
  { to: "/", name: "Map", icon: <MapIcon />, key: "m", about: "all DAGs as a subway map" },
  { to: "/today", name: "Today", icon: <TodayIcon />, key: "t", about: "what needs somebody now" },
  { to: "/dags", name: "DAGs", icon: <DagsIcon />, key: "d", about: "all of them, with their latest runs" },
  { to: "/clusters", name: "Clusters", icon: <ClusterIcon />, key: "c", about: "EMR, and orphans" },
];

export const OPERATIONS: Place[] = [
  {
    to: "/deadlines",
    name: "Deadlines",
    key: "l",
    about: "expected finish, slack, what is late",
    icon: (
      <Icon>
        <path d="M6 21V4M6 5h11l-2.5 3.5L17 12H6" />
      </Icon>
    ),
  },
  {
    to: "/backfills",
    name: "Backfills",
    key: "b",
    about: "past runs, holes",
    icon: (
      <Icon>
        <path d="M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5M12 8v4.5l3 1.8" />
      </Icon>
    ),
  },
  {
    to: "/pools",
    name: "Pools and limits",
    key: "p",
    about: "slots, holds, drain, spend caps",
    icon: (
      <Icon>
        <path d="M4 18h16M6.5 18v-5M10.2 18V8M13.8 18v-7M17.5 18V5" />
      </Icon>
    ),
  },
  {
    to: "/budget",
    name: "Budget",
    key: "u",
    about: "calls to EMR against the quota, throttling",
    icon: (
      <Icon>
        <path d="M4 17a8 8 0 1 1 16 0M12 17l4-6" />
      </Icon>
    ),
  },
  {
    to: "/import-errors",
    name: "Import errors",
    key: "i",
    about: "files of the project with mistakes",
    icon: (
      <Icon>
        <path d="M13 3H7a1.5 1.5 0 0 0-1.5 1.5v15A1.5 1.5 0 0 0 7 21h10a1.5 1.5 0 0 0 1.5-1.5V8.5ZM12 10v5M12 17.9v.1" />
      </Icon>
    ),
  },
  {
    to: "/notifiers",
    name: "Notifiers",
    key: "n",
    about: "Slack, mail, SNS, PagerDuty, webhooks",
    icon: (
      <Icon>
        <path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10.3 20.5h3.4" />
      </Icon>
    ),
  },
  {
    to: "/audit",
    name: "Audit",
    key: "a",
    about: "who did what, and who was refused",
    role: "admin",
    icon: (
      <Icon>
        <path d="M5 5h14v12H9l-4 3.5ZM8.5 9h7M8.5 12.5h4.5" />
      </Icon>
    ),
  },
  {
    to: "/users",
    name: "Users",
    key: "s",
    about: "roles, scopes, tokens and sessions",
    role: "admin",
    icon: (
      <Icon>
        <circle cx="12" cy="8.5" r="3.7" />
        <path d="M4.8 20a7.3 7.3 0 0 1 14.4 0" />
      </Icon>
    ),
  },
  {
    to: "/health",
    name: "Health and settings",
    key: "h",
    about: "parts, version, settings, variables, connections",
    icon: (
      <Icon>
        <path d="M3 12.5h4l2.5-6 4 11.5 2.5-5.5h5" />
      </Icon>
    ),
  },
];
