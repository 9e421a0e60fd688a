// For an admin: who may do what, and the tokens and sessions of everybody.

import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChangeRights, CreateUser, DeleteUser, DisableUser, ResetPassword } from "@/actions/users";
import { users } from "@/api/operations";
import type { User } from "@/api/operationTypes";
import { ForRole } from "@/app/ForRole";
import { useMay, useMe } from "@/app/session";
import { Answer, Empty } from "@/parts/Answer";
import { Buttons, Filters, Soft } from "@/parts/Filters";
import { Card, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { When } from "@/time/When";
import { Scopes, SessionList, TokenList } from "./Tokens";

export function UsersScreen() {
  const { show = "users" } = useSearch({ from: "/shell/users" });
  const navigate = useNavigate({ from: "/users" });
  const isAdmin = useMay("admin");
  return (
    <Page title="Users" actions={isAdmin && <CreateUser />}>
      <ForRole needs="admin" what="Users, and everybody's tokens and sessions, are an admin's.">
        <Card>
          <Filters>
            <SegmentedControl
              size="sm"
              aria-label="What is listed"
              value={show}
              data={[
                { value: "users", label: "users" },
                { value: "tokens", label: "tokens" },
                { value: "sessions", label: "sessions" },
              ]}
              onChange={value =>
                navigate({ search: { show: value === "users" ? undefined : value }, replace: true })
              }
            />
          </Filters>
          {show === "tokens" ? (
            <TokenList isEverybodys />
          ) : show === "sessions" ? (
            <SessionList isEverybodys />
          ) : (
            <Users />
          )}
        </Card>
      </ForRole>
    </Page>
  );
}

function Users() {
  const all = useQuery(users());
  return (
    <Answer of={all}>
      {list =>
        list.length === 0 ? (
          <Empty title="There are no users yet.">
            A user logs in with name and password, or by single sign-on where it is configured, and has one of
            the four roles.
          </Empty>
        ) : (
          <Table
            label="Users"
            rows={list}
            rowKey={user => user.name}
            columns={[
              {
                name: "User",
                of: user => (
                  <>
                    {user.name}
                    <Soft>
                      {user.created_at && (
                        <>
                          made <When at={user.created_at} />
                        </>
                      )}
                    </Soft>
                  </>
                ),
              },
              { name: "Role", kind: "nowrap", of: user => user.role ?? "–" },
              { name: "Scopes", of: user => <Scopes of={user.scopes} otherwise="all DAGs" /> },
              { name: "Logs in by", of: user => loginWords(user) },
              { name: "", of: user => <Actions user={user} /> },
            ]}
          />
        )
      }
    </Answer>
  );
}

function loginWords(user: User): string {
  if (user.is_unreadable) return "the record cannot be read: delete the user, and make them again";
  if (user.is_disabled) return "disabled";
  if (user.issuer) return `single sign-on (${user.issuer})`;
  if (user.must_change_password) return "a password for one login";
  return user.has_password ? "password" : "tokens alone";
}

function Actions({ user }: { user: User }) {
  const isSelf = useMe().name === user.name;
  // Who shut themselves out could not come back.
  if (isSelf) return <Soft>this is you</Soft>;
  if (user.is_unreadable) return <DeleteUser user={user} />;
  return (
    <Buttons>
      {!user.issuer && <ChangeRights key={`${user.role} ${user.scopes}`} user={user} />}
      {!user.issuer && <ResetPassword user={user} />}
      <DisableUser user={user} />
      <DeleteUser user={user} />
    </Buttons>
  );
}
