import { Button, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { estate } from "@/api/queries";
import { CheckIcon } from "@/parts/icons";
import { useNow, worldSpeed } from "@/time/clock";
import { clockWords, dayWords } from "@/time/words";
import { browserZone, chooseZone, useZone } from "@/time/zone";

/** The server's time, and in which zone times are shown. */
export function ClockMenu() {
  const now = useNow();
  const zone = useZone();
  const [isOpen, menu] = useDisclosure();
  const dagZones = useQuery({ ...estate(), enabled: isOpen }).data?.dags.map(dag => dag.timezone) ?? [];
  const zones = [...new Set([browserZone(), "UTC", ...dagZones])];
  const speed = worldSpeed();
  return (
    <Menu
      position="bottom-end"
      withinPortal
      opened={isOpen}
      onChange={isNow => (isNow ? menu.open() : menu.close())}
    >
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          c="inherit"
          fw={500}
          aria-label={`Time zone: ${zone}`}
        >
          {dayWords(now, zone)} {clockWords(now, zone)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          Times are shown in{speed > 1 ? `; the server's time runs ${Math.round(speed)} times as fast` : ""}
        </Menu.Label>
        {zones.map(name => (
          <Menu.Item
            key={name}
            onClick={() => chooseZone(name)}
            rightSection={name === zone ? <CheckIcon /> : undefined}
          >
            {name}
            {name === browserZone() ? " (this browser)" : ""}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
