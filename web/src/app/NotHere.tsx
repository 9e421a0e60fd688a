import { Link } from "@tanstack/react-router";
import { Empty } from "@/parts/Answer";
import { Page } from "@/parts/Page";

export function NotHere() {
  return (
    <main>
      <Page title="There is no such page">
        <Empty title="The address leads nowhere.">
          <Link to="/">The map</Link> shows everything that runs here.
        </Empty>
      </Page>
    </main>
  );
}
