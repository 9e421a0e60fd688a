// Calls to EMR against its quotas, now and over time, by what made them.

import { SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { callHistory } from "@/api/operations";
import type { CallHistory } from "@/api/operationTypes";
import { budget } from "@/api/queries";
import type { Budget, BudgetAction } from "@/api/types";
import { Answer, Empty } from "@/parts/Answer";
import { Filters, Words } from "@/parts/Filters";
import { Meter } from "@/parts/Meter";
import { Card, Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { When } from "@/time/When";
import { spanWords } from "@/time/words";
import classes from "./Budget.module.css";
import { CallsChart } from "./CallsChart";
import { barsOf, comparison, comparisonWords, linesOf, SOURCES } from "./calls";

const RANGES = [
  { value: "1h", label: "an hour", interval: "1m" },
  { value: "6h", label: "6 hours", interval: "5m" },
  { value: "24h", label: "a day", interval: "15m" },
];
const USUAL = "6h";

export function BudgetScreen() {
  const { action, over = USUAL } = useSearch({ from: "/shell/budget" });
  const navigate = useNavigate({ from: "/budget" });
  const range = RANGES.find(one => one.value === over) ?? RANGES[1];
  const now = useQuery(budget());
  const history = useQuery(callHistory(range?.value ?? USUAL, range?.interval ?? "5m"));
  return (
    <Page title="Budget">
      <Card title="Calls to EMR, and what they may be">
        <Words>
          EMR counts calls by action, for the whole account. Each action has a bucket of tokens that fills
          steadily; a call takes one, and waits while there is none. So nothing fails because the API said
          “Rate exceeded”.
        </Words>
        <Answer of={now}>{all => <Quotas of={all} />}</Answer>
      </Card>
      <Card title="Calls over time">
        <Filters>
          <SegmentedControl
            size="sm"
            aria-label="How far back"
            data={RANGES.map(({ value, label }) => ({ value, label }))}
            value={range?.value}
            onChange={value =>
              navigate({ search: { action, over: value === USUAL ? undefined : value }, replace: true })
            }
          />
          <Select
            aria-label="Action"
            placeholder="All actions"
            clearable
            data={now.data?.actions.map(one => one.action) ?? []}
            value={action ?? null}
            onChange={value => navigate({ search: { over, action: value ?? undefined }, replace: true })}
          />
        </Filters>
        <Answer of={history} lines={8}>
          {all => <OverTime history={all} action={action} now={now.data} />}
        </Answer>
      </Card>
    </Page>
  );
}

const leftWords = ({ quota, waiting, throttled }: BudgetAction) =>
  [
    `${Math.floor(quota.tokens)} of ${Math.round(quota.burst)} left, ${quota.per_second} a second come back`,
    waiting ? `${waiting} wait` : "",
    throttled ? `${throttled} throttled` : "",
  ]
    .filter(Boolean)
    .join(", ");

function Quotas({ of: { actions } }: { of: Budget }) {
  if (actions.length === 0)
    return (
      <Empty title="No call has been made yet.">
        The first sweep of ListClusters comes with the first cluster.
      </Empty>
    );
  return (
    <div className={classes.meters}>
      {actions.map(action => (
        <Meter
          key={action.action}
          label={action.action}
          value={action.quota.burst - action.quota.tokens}
          of={action.quota.burst}
          words={leftWords(action)}
        />
      ))}
    </div>
  );
}

interface OverTimeProps {
  history: CallHistory;
  action: string | undefined;
  now: Budget | undefined;
}

function OverTime({ history, action, now }: OverTimeProps) {
  const lines = linesOf(history).filter(line => !action || line.action === action);
  if (lines.length === 0)
    return (
      <Empty title="No call was made in this time.">
        The server counts calls by the minute for a day, in memory: what was before its start is not known.
      </Empty>
    );
  const limited = action ? now?.actions.find(one => one.action === action) : now?.account;
  const perSecond = limited?.quota.per_second;
  return (
    <>
      <Words>
        Since <When at={history.since} as="both" />, in bars of {spanWords(history.interval_seconds * 1000)}.
        What was before the server's start is not known.{!action && ` ${readsWords(history)}`}
      </Words>
      <CallsChart
        bars={barsOf(history, action)}
        quota={perSecond === undefined ? null : perSecond * history.interval_seconds}
        hasSensors={(!action || action === "DescribeCluster") && comparison(history).sensors !== null}
        now={Date.parse(history.now)}
      />
      <Table
        label="Calls by action and source"
        rows={lines}
        rowKey={line => `${line.action}/${line.source}`}
        columns={[
          { name: "Action", of: line => line.action },
          { name: "Made by", of: line => sourceWords(line.source) },
          { name: "Calls", kind: "number", of: line => line.made },
          { name: "Throttled", kind: "number", of: line => line.throttled || "none" },
        ]}
      />
    </>
  );
}

function readsWords(history: CallHistory): string {
  const compared = comparison(history);
  return `${compared.reads} calls looked after clusters. ${comparisonWords(compared)}`;
}

function sourceWords(source: string): string {
  const found = SOURCES.find(one => one.source === source);
  return found ? `${found.name}: ${found.words}` : source;
}
