import { Button, SegmentedControl } from "@mantine/core";
import { CloseIcon } from "@/parts/icons";
import classes from "./Panels.module.css";

interface FocusBarProps {
  way: string | undefined;
  /** Then it is known which jobs decide when it ends. */
  isRunning: boolean;
  set: (way: string | undefined) => void;
  end: () => void;
}

/** Which part of the map stays bright. */
export function FocusBar({ way, isRunning, set, end }: FocusBarProps) {
  const ways = [
    { value: "all", label: "everything" },
    { value: "up", label: "upstream" },
    { value: "down", label: "downstream" },
    { value: "both", label: "both" },
  ];
  if (isRunning) ways.push({ value: "critical", label: "critical path" });
  return (
    <div className={classes.focus}>
      <SegmentedControl
        size="xs"
        aria-label="What stays bright"
        value={way ?? "all"}
        onChange={value => set(value === "all" ? undefined : value)}
        data={ways}
      />
      <Button size="compact-xs" variant="subtle" onClick={end} leftSection={<CloseIcon />}>
        End
      </Button>
    </div>
  );
}
