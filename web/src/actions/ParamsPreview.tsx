import type { Param } from "./params";
import classes from "./Trigger.module.css";

interface ParamsPreviewProps {
  params: Record<string, Param>;
  conf: Record<string, unknown>;
}

/** What stands in the templates of the run's jobs: the defaults, and what was changed. */
export function ParamsPreview({ params, conf }: ParamsPreviewProps) {
  const names = [...new Set([...Object.keys(params), ...Object.keys(conf)])];
  if (names.length === 0) return null;
  return (
    <section aria-label="What the run gets">
      <h3 className={classes.heading}>What the run gets</h3>
      <dl className={classes.values}>
        {names.map(name => (
          <div key={name} data-changed={name in conf || undefined}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              <code>{JSON.stringify(name in conf ? conf[name] : params[name]?.value)}</code>
              <span>{name in conf ? "changed" : "default"}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
