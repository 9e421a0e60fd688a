import type { ReactNode } from "react";
import classes from "./Page.module.css";

interface PageProps {
  title: ReactNode;
  /** Where it stands: links to what it is a part of. */
  above?: ReactNode;
  beside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, above, beside, actions, children }: PageProps) {
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div>
          {above && (
            <nav aria-label="Where this is" className={classes.above}>
              {above}
            </nav>
          )}
          <div className={classes.titles}>
            <h1 className={classes.title}>{title}</h1>
            {beside}
          </div>
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface CardProps {
  title?: ReactNode;
  beside?: ReactNode;
  children: ReactNode;
  isWide?: boolean;
}

export function Card({ title, beside, children, isWide }: CardProps) {
  return (
    <section className={isWide ? classes.wideCard : classes.card}>
      {title && (
        <div className={classes.cardHead}>
          <h2>{title}</h2>
          {beside}
        </div>
      )}
      {children}
    </section>
  );
}

/** A few facts, each with its name. */
export function Facts({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
