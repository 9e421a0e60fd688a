import classes from "./Meter.module.css";

interface MeterProps {
  label: string;
  value: number;
  of: number;
  words: string;
  /** Above this share it is shown as scarce. */
  scarceFrom?: number;
}

/** How much of something is in use. */
export function Meter({ label, value, of, words, scarceFrom = 0.9 }: MeterProps) {
  const share = of > 0 ? Math.min(1, value / of) : 0;
  return (
    <div className={classes.meter}>
      <div className={classes.head}>
        <span>{label}</span>
        <span>{words}</span>
      </div>
      <svg
        className={classes.bar}
        preserveAspectRatio="none"
        viewBox="0 0 100 6"
        role="img"
        aria-label={`${label}: ${words}`}
      >
        <rect width="100" height="6" rx="1.5" className={classes.ground} />
        <rect
          width={share * 100}
          height="6"
          rx="1.5"
          className={share >= scarceFrom ? classes.scarce : classes.used}
        />
      </svg>
    </div>
  );
}
