// A screen of a role: others learn whom to ask.

import type { ReactNode } from "react";
import type { Role } from "@/api/types";
import { Empty } from "@/parts/Answer";
import { useMay, useMe } from "./session";

export function ForRole({ needs, what, children }: { needs: Role; what: string; children: ReactNode }) {
  const may = useMay(needs);
  const me = useMe();
  if (may) return children;
  return (
    <Empty title={`This needs the role ${needs}.`}>
      {what} You have the role {me.role}: ask an admin.
    </Empty>
  );
}
