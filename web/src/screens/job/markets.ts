// What nodes a request asks EMR for, in a few words: so that spot and on-demand can be told apart. Pure.

interface FleetAsked {
  InstanceFleetType?: string;
  TargetOnDemandCapacity?: number;
  TargetSpotCapacity?: number;
}
interface GroupAsked {
  InstanceRole?: string;
  InstanceCount?: number;
  Market?: string;
}
interface Asked {
  Instances?: { InstanceFleets?: FleetAsked[]; InstanceGroups?: GroupAsked[] };
}

/** By role: "64 spot", "1 on-demand and 8 spot". */
export function marketsOf(request: unknown): Map<string, string> {
  const { Instances = {} } = (request ?? {}) as Asked;
  const roles = new Map<string, { onDemand: number; spot: number }>();
  const add = (role: string, onDemand: number, spot: number) => {
    const sum = roles.get(role) ?? { onDemand: 0, spot: 0 };
    roles.set(role, { onDemand: sum.onDemand + onDemand, spot: sum.spot + spot });
  };
  for (const fleet of Instances.InstanceFleets ?? [])
    add(fleet.InstanceFleetType ?? "?", fleet.TargetOnDemandCapacity ?? 0, fleet.TargetSpotCapacity ?? 0);
  for (const { InstanceRole = "?", InstanceCount = 0, Market } of Instances.InstanceGroups ?? [])
    add(InstanceRole, Market === "SPOT" ? 0 : InstanceCount, Market === "SPOT" ? InstanceCount : 0);
  return new Map([...roles].map(([role, sum]) => [role, wordsOf(sum)]));
}

function wordsOf({ onDemand, spot }: { onDemand: number; spot: number }): string {
  const parts = [onDemand > 0 && `${onDemand} on-demand`, spot > 0 && `${spot} spot`].filter(Boolean);
  return parts.join(" and ") || "none";
}

/** A line for each role: "CORE: 64 spot → 64 on-demand". */
export function marketChanges(before: unknown, after: unknown): string[] {
  const from = marketsOf(before);
  const to = marketsOf(after);
  return [...new Set([...from.keys(), ...to.keys()])].flatMap(role => {
    const was = from.get(role) ?? "none";
    const is = to.get(role) ?? "none";
    return was === is ? [] : [`${role}: ${was} → ${is}`];
  });
}
