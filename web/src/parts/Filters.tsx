// How the parts of a screen stand: filters above a list, two cards side by side, a row of buttons.

import type { ReactNode } from "react";
import classes from "./Filters.module.css";

interface Inside {
  children: ReactNode;
}

export const Filters = ({ children }: Inside) => <div className={classes.filters}>{children}</div>;
/** What stands small below or beside something. */
export const Soft = ({ children }: Inside) => <div className={classes.soft}>{children}</div>;
/** A sentence or two that explain a list. */
export const Words = ({ children }: Inside) => <p className={classes.words}>{children}</p>;
export const Stack = ({ children }: Inside) => <div className={classes.stack}>{children}</div>;
export const Two = ({ children }: Inside) => <div className={classes.two}>{children}</div>;
export const Buttons = ({ children }: Inside) => <div className={classes.buttons}>{children}</div>;
