// What there is room for: slots of pools, limits, holds of launches, and caps of what clusters cost.

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Drain, PlaceHold } from "@/actions/holds";
import { poolDetails } from "@/api/operations";
import type { PoolDetails } from "@/api/operationTypes";
import { clusters } from "@/api/queries";
import { Answer, Empty } from "@/parts/Answer";
import { Soft, Two } from "@/parts/Filters";
import { Meter } from "@/parts/Meter";
import { Card, Page } from "@/parts/Page";
import { Holds } from "./Holds";
import { Limits } from "./Limits";
import classes from "./Pools.module.css";
import { Holders, Waiters } from "./Slots";
import { SpendCaps } from "./SpendCaps";

const words = (pool: PoolDetails) =>
  `${pool.occupied_slots} of ${pool.slots}${pool.queued_slots ? `, ${pool.queued_slots} wait` : ""}`;

export function PoolsScreen() {
  const { pool } = useSearch({ from: "/shell/pools" });
  const navigate = useNavigate({ from: "/pools" });
  const all = useQuery(poolDetails());
  const up = useQuery(clusters(true)).data;
  return (
    <Page
      title="Pools and limits"
      beside={up && <Soft>{up.length} clusters are up</Soft>}
      actions={
        <>
          <PlaceHold />
          <Drain live={up?.length} />
        </>
      }
    >
      <Holds />
      <Card
        title="Pools"
        beside={<span>{pool ? `only ${pool} below` : "choose one to see its jobs alone"}</span>}
      >
        <Answer of={all}>
          {list =>
            list.length === 0 ? (
              <Empty title="There are no pools.">
                <code>pools</code> in signalbox.yaml bounds how many clusters are up at once.
              </Empty>
            ) : (
              <ul className={classes.pools}>
                {list.map(one => (
                  <li key={one.name}>
                    <button
                      type="button"
                      className={classes.pool}
                      aria-pressed={one.name === pool}
                      onClick={() =>
                        navigate({
                          search: { pool: one.name === pool ? undefined : one.name },
                          replace: true,
                        })
                      }
                    >
                      <Meter label={one.name} value={one.occupied_slots} of={one.slots} words={words(one)} />
                      {one.description && <Soft>{one.description}</Soft>}
                    </button>
                  </li>
                ))}
              </ul>
            )
          }
        </Answer>
      </Card>
      <Waiters pool={pool} />
      <Holders pool={pool} />
      <Two>
        <Limits />
        <SpendCaps />
      </Two>
    </Page>
  );
}
