// What is one's own: the password, API tokens, sessions.

import { CreateToken } from "@/actions/tokens";
import { useMe } from "@/app/session";
import { Empty } from "@/parts/Answer";
import { Words } from "@/parts/Filters";
import { Card, Facts, Page } from "@/parts/Page";
import { SessionList, TokenList } from "@/screens/users/Tokens";
import { PasswordForm } from "./PasswordForm";

export function AccountScreen() {
  const me = useMe();
  const scopes = me.scopes.flat();
  // A token makes no tokens, and the project's own is no user's.
  const isPerson = me.means === "session";
  return (
    <Page title={me.name} actions={isPerson && <CreateToken />}>
      <Card title="Your account">
        <Facts
          of={[
            ["Role", me.role],
            ["DAGs", scopes.length > 0 ? scopes.join(", ") : "all"],
            ["Deployment", me.deployment],
          ]}
        />
      </Card>
      <Card title="Your tokens">
        <Words>For programs, and for the command line on another machine.</Words>
        <TokenList isEverybodys={false} />
      </Card>
      <Card title="Where you are logged in">
        <SessionList isEverybodys={false} />
      </Card>
      <Card title="Your password">
        {isPerson ? <PasswordForm name={me.name} /> : <Empty title="This account has no password here." />}
      </Card>
    </Page>
  );
}
