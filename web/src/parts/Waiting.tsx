import { Skeleton } from "@mantine/core";

/** Where code is loaded that is needed seldom. */
export const Waiting = () => (
  <div role="status" aria-busy="true" aria-label="Loading">
    <Skeleton height={120} />
  </div>
);
