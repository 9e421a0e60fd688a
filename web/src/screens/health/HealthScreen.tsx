// How the parts of the server are, and the settings in force.

import { useQuery } from "@tanstack/react-query";
import { process, sources } from "@/api/operations";
import { health, version } from "@/api/queries";
import type { Health, HealthPart } from "@/api/types";
import { useMay, useMe } from "@/app/session";
import { Answer } from "@/parts/Answer";
import { Two } from "@/parts/Filters";
import { Card, Facts, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Glyph } from "@/state/Glyph";
import { worldSpeed } from "@/time/clock";
import { When } from "@/time/When";
import { Files } from "./Files";
import classes from "./Health.module.css";
import { Connections, Variables } from "./Records";
import { Settings } from "./Settings";

export function HealthScreen() {
  const isAuthor = useMay("author");
  return (
    <Page title="Health and settings">
      <AboutServer />
      <Parts />
      <Two>
        <Settings />
        <Files />
      </Two>
      {isAuthor && (
        <Two>
          <Variables />
          <Connections />
        </Two>
      )}
    </Page>
  );
}

function AboutServer() {
  const product = useQuery(version()).data;
  const one = useQuery(process()).data;
  const project = useQuery(sources()).data?.project;
  const { deployment } = useMe();
  return (
    <Card>
      <Facts
        of={[
          ["Version", product?.version ?? "–"],
          ["Deployment", deployment],
          ["Region", project?.region ?? "–"],
          ["Project", project?.folder ?? "–"],
          ["Project read", <When key="read" at={project?.read_at} />],
          ["Epoch", one ? `${one.id}: so often a server has taken this state` : "–"],
          ["Started", <When key="started" at={one?.start_date} as="both" />],
          ["Clock", worldSpeed() === 1 ? "the machine's" : `${Math.round(worldSpeed())} times as fast`],
        ]}
      />
    </Card>
  );
}

type Part = HealthPart & {
  name: string;
  last_answer?: string | null;
  latest_scheduler_heartbeat?: string | null;
};

const partsOf = (all: Health): Part[] =>
  Object.entries(all)
    .filter(
      (entry): entry is [string, HealthPart] => typeof entry[1] === "object" && entry[1].status !== null,
    )
    .map(([name, part]) => ({ ...part, name }))
    .sort((a, b) => Number(a.status === "healthy") - Number(b.status === "healthy"));

function PartState({ status }: { status: HealthPart["status"] }) {
  const look = status === "healthy" ? "success" : "failed";
  return (
    <span className={classes.state} data-look={look}>
      <Glyph look={look} />
      {status}
    </span>
  );
}

function Parts() {
  const all = useQuery(health());
  return (
    <Card title="Parts">
      <Answer of={all}>
        {answer => (
          <Table
            label="Parts of the server"
            rows={partsOf(answer)}
            rowKey={part => part.name}
            columns={[
              { name: "Part", kind: "nowrap", of: part => part.name.replaceAll("_", " ") },
              { name: "Health", of: part => <PartState status={part.status} /> },
              { name: "Since", kind: "nowrap", of: part => <When at={part.since} as="both" /> },
              { name: "Last answer", kind: "nowrap", of: part => <When at={part.last_answer} /> },
              { name: "What it says", kind: "long", of: part => part.message ?? "–" },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}
