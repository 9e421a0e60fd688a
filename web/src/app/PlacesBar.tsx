// The bar that leads to every screen: a column at the side; on a narrow screen a row at the bottom,
// with the screens of operations in a menu.

import { Menu } from "@mantine/core";
import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";
import { Icon } from "@/parts/icons";
import classes from "./PlacesBar.module.css";
import { MAIN, OPERATIONS, type Place } from "./places";
import { mayDo, useMe } from "./session";

/** The screens of operations that the role may see. */
export function useOperations(): Place[] {
  const { role } = useMe();
  return useMemo(() => OPERATIONS.filter(place => !place.role || mayDo(role, place.role)), [role]);
}

const PlaceLink = ({ place }: { place: Place }) => (
  <Link
    to={place.to}
    className={classes.place}
    activeOptions={{ exact: place.to === "/" }}
    activeProps={{ className: classes.here }}
  >
    {place.icon}
    <span>{place.name}</span>
  </Link>
);

function More({ places }: { places: Place[] }) {
  const navigate = useNavigate();
  const path = useRouterState({ select: state => state.location.pathname });
  return (
    <Menu position="top-end" withinPortal>
      <Menu.Target>
        <button
          type="button"
          className={classes.more}
          data-here={places.some(place => path.startsWith(place.to)) || undefined}
        >
          <Icon>
            <path d="M4 7h16M4 12h16M4 17h16" />
          </Icon>
          <span>More</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {places.map(place => (
          <Menu.Item key={place.to} leftSection={place.icon} onClick={() => navigate({ to: place.to })}>
            {place.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function PlacesBar() {
  const operations = useOperations();
  return (
    <nav className={classes.nav} aria-label="Screens">
      {MAIN.map(place => (
        <PlaceLink key={place.to} place={place} />
      ))}
      <div className={classes.heading} id="operations">
        Operations
      </div>
      <div className={classes.second} role="group" aria-labelledby="operations">
        {operations.map(place => (
          <PlaceLink key={place.to} place={place} />
        ))}
      </div>
      <More places={operations} />
    </nav>
  );
}
