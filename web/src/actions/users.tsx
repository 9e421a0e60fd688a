// What an admin does to users.

import { Select, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { change, part } from "@/api/client";
import { createUser, resetPassword, roles } from "@/api/operations";
import type { User } from "@/api/operationTypes";
import type { Role } from "@/api/types";
import { Act } from "@/parts/Act";
import { Soft } from "@/parts/Filters";
import { ShownOnce } from "@/parts/ShownOnce";

const userPath = (user: User) => `/users/${part(user.name)}`;

interface Rights {
  role: Role;
  scopes: string[];
}

function RightsFields({ rights, onChange }: { rights: Rights; onChange: (to: Rights) => void }) {
  const all = useQuery(roles()).data ?? [];
  return (
    <>
      <Select
        label="Role"
        data={all.map(role => role.name)}
        value={rights.role}
        allowDeselect={false}
        onChange={role => onChange({ ...rights, role: (role ?? "viewer") as Role })}
      />
      <Soft>
        May {all.find(role => role.name === rights.role)?.description}
        {rights.role !== "viewer" && "; and what the roles before it may"}.
      </Soft>
      {rights.role !== "admin" && (
        <TagsInput
          label="Scopes"
          description="dag:PATTERN, tag:TAG or access:NAME. Without any, all DAGs are seen."
          value={rights.scopes}
          onChange={scopes => onChange({ ...rights, scopes })}
        />
      )}
    </>
  );
}

const scopesOf = ({ role, scopes }: Rights) => (role === "admin" ? [] : scopes);

export function CreateUser() {
  const [name, setName] = useState("");
  const [rights, setRights] = useState<Rights>({ role: "viewer", scopes: [] });
  const [password, setPassword] = useState<string>();
  return (
    <>
      <Act
        variant="filled"
        change={{
          label: "Create a user",
          title: "Create a user",
          what: "The user gets a password for one login, and chooses an own one at that login.",
          options: (
            <>
              <TextInput
                label="Name"
                value={name}
                autoComplete="off"
                onChange={event => setName(event.currentTarget.value)}
              />
              <RightsFields rights={rights} onChange={setRights} />
            </>
          ),
          run: async () => {
            const made = await createUser({ name, role: rights.role, scopes: scopesOf(rights) });
            setPassword(made.one_time_password);
          },
          done: `${name} may log in now.`,
        }}
      />
      <ShownOnce
        title={`A password for ${name}`}
        what="It is for one login."
        secret={password}
        close={() => {
          setPassword(undefined);
          setName("");
        }}
      />
    </>
  );
}

export function ChangeRights({ user }: { user: User }) {
  const [rights, setRights] = useState<Rights>({ role: user.role ?? "viewer", scopes: user.scopes });
  return (
    <Act
      change={{
        label: "Rights",
        title: `Rights of ${user.name}`,
        what: "The sessions of the user end at once; the tokens follow the role.",
        options: <RightsFields rights={rights} onChange={setRights} />,
        run: () => change("PATCH", userPath(user), { role: rights.role, scopes: scopesOf(rights) }),
        done: `The rights of ${user.name} are changed.`,
      }}
    />
  );
}

export function DisableUser({ user }: { user: User }) {
  const label = user.is_disabled ? "Enable" : "Disable";
  return (
    <Act
      change={{
        label,
        title: `${label} ${user.name}`,
        what: user.is_disabled
          ? "The user may log in again, with the same password, role and scopes."
          : "The user may log in no more. Sessions end at once, and tokens are refused.",
        isDangerous: !user.is_disabled,
        run: () => change("PATCH", userPath(user), { is_disabled: !user.is_disabled }),
        done: `${user.name} is ${user.is_disabled ? "enabled" : "disabled"}.`,
      }}
    />
  );
}

export function ResetPassword({ user }: { user: User }) {
  const [password, setPassword] = useState<string>();
  return (
    <>
      <Act
        change={{
          label: "Reset password",
          title: `Reset the password of ${user.name}`,
          what: "The old password is void, and sessions end at once. The user gets a password for one login.",
          run: async () => setPassword((await resetPassword(user.name)).one_time_password),
          done: `The password of ${user.name} is reset.`,
        }}
      />
      <ShownOnce
        title={`A password for ${user.name}`}
        what="It is for one login."
        secret={password}
        close={() => setPassword(undefined)}
      />
    </>
  );
}

export function DeleteUser({ user }: { user: User }) {
  return (
    <Act
      change={{
        label: "Delete",
        title: `Delete ${user.name}`,
        what: "The user goes, with all tokens and sessions. What the user did stays in the audit.",
        isDangerous: true,
        run: () => change("DELETE", userPath(user)),
        done: `${user.name} is deleted.`,
      }}
    />
  );
}
