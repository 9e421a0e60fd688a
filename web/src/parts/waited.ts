// Several answers as one: there once all of them are, in trouble if one of them is. Pure.

/** What a query gives, as far as a screen has to know it. */
export interface Waited<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

export function joined<T extends unknown[]>(...all: { [K in keyof T]: Waited<T[K]> }): Waited<T> {
  const isThere = all.every(one => one.data !== undefined);
  return {
    data: isThere ? (all.map(one => one.data) as T) : undefined,
    error: all.find(one => one.data === undefined && one.error)?.error ?? null,
    refetch: () => {
      for (const one of all) if (one.error) one.refetch();
    },
  };
}
