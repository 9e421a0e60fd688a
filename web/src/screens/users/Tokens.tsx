// API tokens and sessions: one's own, or everybody's for an admin.

import { useQuery } from "@tanstack/react-query";
import { EndSession, RevokeToken } from "@/actions/tokens";
import { sessions, tokens } from "@/api/operations";
import type { Session, Token } from "@/api/operationTypes";
import { useMe } from "@/app/session";
import { Answer, Empty } from "@/parts/Answer";
import { Soft } from "@/parts/Filters";
import type { Column } from "@/parts/Table";
import { Table } from "@/parts/Table";
import { When } from "@/time/When";

export const Scopes = ({ of, otherwise }: { of: string[]; otherwise: string }) =>
  of.length === 0 ? <Soft>{otherwise}</Soft> : of.join(", ");

export function TokenList({ isEverybodys }: { isEverybodys: boolean }) {
  const all = useQuery(tokens(isEverybodys, useMe().name));
  const owner: Column<Token>[] = isEverybodys ? [{ name: "User", of: token => token.user }] : [];
  return (
    <Answer of={all}>
      {list =>
        list.length === 0 ? (
          <Empty title="There are no tokens.">
            A token lets a program, or the command line on another machine, use the API in its user's name.
            Whoever logs in with a password makes tokens of their own, in the menu with their name.
          </Empty>
        ) : (
          <Table
            label="Tokens"
            rows={list}
            rowKey={token => token.id}
            columns={[
              {
                name: "Token",
                of: token => (
                  <>
                    {token.name}
                    <Soft>{token.prefix}…</Soft>
                  </>
                ),
              },
              ...owner,
              { name: "Role", of: token => token.role },
              { name: "Scopes", of: token => <Scopes of={token.scopes} otherwise="those of its user" /> },
              { name: "Expires", kind: "nowrap", of: token => <When at={token.expires_at} /> },
              { name: "Last used", kind: "nowrap", of: token => <When at={token.last_used_at} /> },
              { name: "", kind: "nowrap", of: token => <RevokeToken token={token} /> },
            ]}
          />
        )
      }
    </Answer>
  );
}

const kinds = { browser: "browser", bearer: "program" };

export function SessionList({ isEverybodys }: { isEverybodys: boolean }) {
  const all = useQuery(sessions(isEverybodys, useMe().name));
  const owner: Column<Session>[] = isEverybodys ? [{ name: "User", of: session => session.user }] : [];
  return (
    <Answer of={all}>
      {list =>
        list.length === 0 ? (
          <Empty title="Nobody is logged in." />
        ) : (
          <Table
            label="Sessions"
            rows={list}
            rowKey={session => session.id}
            columns={[
              ...owner,
              { name: "By", of: session => kinds[session.kind] },
              { name: "From", of: session => session.address ?? "–" },
              { name: "Since", kind: "nowrap", of: session => <When at={session.created_at} as="both" /> },
              { name: "Last used", kind: "nowrap", of: session => <When at={session.last_used_at} /> },
              { name: "Ends", kind: "nowrap", of: session => <When at={session.expires_at} /> },
              { name: "", kind: "nowrap", of: session => <EndSession session={session} /> },
            ]}
          />
        )
      }
    </Answer>
  );
}
