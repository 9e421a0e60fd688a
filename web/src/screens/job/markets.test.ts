import { expect, test } from "vitest";
import { marketChanges, marketsOf } from "./markets";

const fleets = (spot: number, onDemand: number) => ({
  Instances: {
    InstanceFleets: [
      { InstanceFleetType: "MASTER", TargetOnDemandCapacity: 1 },
      { InstanceFleetType: "CORE", TargetSpotCapacity: spot, TargetOnDemandCapacity: onDemand },
    ],
  },
});

test("from spot to on-demand is said", () => {
  expect(marketChanges(fleets(64, 0), fleets(0, 64))).toEqual(["CORE: 64 spot → 64 on-demand"]);
  expect(marketChanges(fleets(64, 0), fleets(64, 0))).toEqual([]);
});

test("groups are summed by role", () => {
  const request = {
    Instances: {
      InstanceGroups: [
        { InstanceRole: "CORE", InstanceCount: 2 },
        { InstanceRole: "CORE", InstanceCount: 8, Market: "SPOT" },
      ],
    },
  };
  expect([...marketsOf(request)]).toEqual([["CORE", "2 on-demand and 8 spot"]]);
});

test("a request that says nothing of nodes", () => {
  expect([...marketsOf({})]).toEqual([]);
  expect([...marketsOf(null)]).toEqual([]);
});
