// Who is logged in, and what they may do: what they may not is not offered.

import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { ApiError, setCsrfToken } from "@/api/client";
import { me } from "@/api/queries";
import type { Me, Role } from "@/api/types";
import { Trouble } from "@/parts/Answer";
import { Page } from "@/parts/Page";

const RANK: Role[] = ["viewer", "operator", "author", "admin"];

const Session = createContext<Me | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  const { data, error, refetch } = useQuery(me());
  if (data) {
    setCsrfToken(data.csrf_token ?? "");
    return <Session.Provider value={data}>{children}</Session.Provider>;
  }
  // Nobody is logged in: main.tsx leads to the login.
  if (!error || (error instanceof ApiError && error.status === 401)) return null;
  return (
    <main>
      <Page title="Signalbox">
        <Trouble error={error} retry={refetch} />
      </Page>
    </main>
  );
}

export function useMe(): Me {
  const found = useContext(Session);
  if (!found) throw new Error("this needs a session around it");
  return found;
}

/** Whether who has a role may do what needs another. */
export const mayDo = (own: Role, needed: Role) => RANK.indexOf(own) >= RANK.indexOf(needed);
export const useMay = (role: Role) => mayDo(useMe().role, role);

/** Some things are of all DAGs together: who sees a part of them may not change these. */
export const useSeesAll = () => useMe().scopes.every(list => list.length === 0);

/** For what an operator does: nothing is shown to others. */
export function ForOperators({ children }: { children: ReactNode }) {
  return useMay("operator") ? children : null;
}
