// API tokens and sessions: made for oneself, revoked or ended by oneself or by an admin.

import { Select, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { change, part } from "@/api/client";
import { createToken } from "@/api/operations";
import type { Session, Token } from "@/api/operationTypes";
import type { Role } from "@/api/types";
import { mayDo, useMe } from "@/app/session";
import { Act } from "@/parts/Act";
import { ShownOnce } from "@/parts/ShownOnce";

const LIVES = [
  { value: "1d", label: "a day" },
  { value: "30d", label: "30 days" },
  { value: "90d", label: "90 days" },
  { value: "366d", label: "a year" },
];
const ROLES: Role[] = ["viewer", "operator", "author", "admin"];

export function CreateToken() {
  const me = useMe();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>(me.role);
  const [scopes, setScopes] = useState<string[]>([]);
  const [life, setLife] = useState("90d");
  const [token, setToken] = useState<string>();
  return (
    <>
      <Act
        variant="filled"
        change={{
          label: "Create a token",
          title: "Create a token",
          what: "A program that sends it may do what you may, or less if you say so.",
          options: (
            <>
              <TextInput
                label="What it is for"
                placeholder="nightly report"
                value={name}
                maxLength={100}
                onChange={event => setName(event.currentTarget.value)}
              />
              <Select
                label="Role, at most"
                data={ROLES.filter(one => mayDo(me.role, one))}
                value={role}
                allowDeselect={false}
                onChange={value => setRole((value ?? me.role) as Role)}
              />
              <TagsInput
                label="Scopes"
                description="dag:PATTERN, tag:TAG or access:NAME. Without any, the DAGs that you see."
                value={scopes}
                onChange={setScopes}
              />
              <Select
                label="It is good for"
                data={LIVES}
                value={life}
                allowDeselect={false}
                onChange={value => setLife(value ?? "90d")}
              />
            </>
          ),
          run: async () => setToken((await createToken({ name, role, scopes, expires_in: life })).token),
          done: "The token is made.",
        }}
      />
      <ShownOnce
        title={`The token “${name}”`}
        what="A program sends it as Authorization: Bearer."
        secret={token}
        close={() => {
          setToken(undefined);
          setName("");
        }}
      />
    </>
  );
}

export function RevokeToken({ token }: { token: Token }) {
  return (
    <Act
      change={{
        label: "Revoke",
        title: `Revoke the token “${token.name}”`,
        what: "What sends it is refused from now on.",
        isDangerous: true,
        run: () => change("DELETE", `/tokens/${part(token.id)}`),
        done: "The token is revoked.",
      }}
    />
  );
}

export function EndSession({ session }: { session: Session }) {
  return (
    <Act
      change={{
        label: "End",
        title: `End the session of ${session.user}`,
        what: "Who uses it has to log in again.",
        isDangerous: true,
        run: () => change("DELETE", `/sessions/${part(session.id)}`),
        done: "The session has ended.",
      }}
    />
  );
}
