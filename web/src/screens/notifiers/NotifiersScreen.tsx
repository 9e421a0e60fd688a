// To whom messages go, what waits for each, and how the last attempts went.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { TestNotifier } from "@/actions/notifiers";
import { notifiers } from "@/api/operations";
import type { Notifier, NotifierTest } from "@/api/operationTypes";
import { Answer, Empty } from "@/parts/Answer";
import { Soft, Words } from "@/parts/Filters";
import { Card, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Glyph } from "@/state/Glyph";
import { When } from "@/time/When";
import classes from "./Notifiers.module.css";

const TYPES: Record<string, string> = {
  slack: "Slack",
  webhook: "webhook",
  smtp: "mail",
  sns: "SNS",
  pagerduty: "PagerDuty",
};

export function NotifiersScreen() {
  const all = useQuery(notifiers());
  const [tests, setTests] = useState<Record<string, NotifierTest>>({});
  return (
    <Page title="Notifiers">
      <Card>
        <Answer of={all}>
          {list =>
            list.length === 0 ? (
              <Empty title="Nobody is told of anything.">
                <code>notifiers</code> in signalbox.yaml names who can get messages: Slack, mail, SNS,
                PagerDuty, a webhook of your own. <code>notifications</code>, there or in a DAG, says who
                hears of what.
              </Empty>
            ) : (
              <>
                <Words>Counts are those since the server started. What waits is kept over a restart.</Words>
                <Table
                  label="Notifiers"
                  rows={list}
                  rowKey={one => one.name}
                  columns={[
                    {
                      name: "Notifier",
                      of: one => (
                        <>
                          {one.name}
                          <Soft>{TYPES[one.type] ?? one.type}</Soft>
                        </>
                      ),
                    },
                    { name: "State", of: one => <Standing of={one} /> },
                    { name: "Wait", kind: "number", of: one => one.pending ?? "–" },
                    { name: "Delivered", kind: "number", of: one => one.sent ?? "–" },
                    { name: "Failed attempts", kind: "number", of: one => one.failed ?? "–" },
                    { name: "Given up", kind: "number", of: one => one.given_up ?? "–" },
                    {
                      name: "What came back",
                      kind: "long",
                      of: one => <Last of={one} test={tests[one.name]} />,
                    },
                    {
                      name: "",
                      kind: "nowrap",
                      of: one => (
                        <TestNotifier
                          of={one}
                          onAnswer={answer => setTests(old => ({ ...old, [one.name]: answer }))}
                        />
                      ),
                    },
                  ]}
                />
              </>
            )
          }
        </Answer>
      </Card>
    </Page>
  );
}

function Standing({ of }: { of: Notifier }) {
  if (of.failing_since)
    return (
      <span className={classes.bad} data-look="failed">
        <Glyph look="failed" />
        <span>
          fails since <When at={of.failing_since} as="short" />
        </span>
      </span>
    );
  return of.last_success ? (
    <span className={classes.good} data-look="success">
      <Glyph look="success" />
      <span>
        delivered <When at={of.last_success} />
      </span>
    </span>
  ) : (
    <span className={classes.good} data-look="none">
      <Glyph look="none" />
      nothing sent yet
    </span>
  );
}

function Last({ of, test }: { of: Notifier; test: NotifierTest | undefined }) {
  if (test)
    return (
      <span className={test.is_delivered ? undefined : classes.bad}>
        Test: {test.is_delivered ? "delivered" : "not delivered"}. {test.answer}
      </span>
    );
  return of.last_error ?? "–";
}
