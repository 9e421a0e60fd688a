#!/usr/bin/env python3
"""Writes the DAG files and faults.yaml that stand beside this program, always the same.

    examples/delphi-week/generate.py [FOLDER]      # this folder, unless another is named

Above `Writing the files` stands what the week is: DAGs and jobs with the times of their steps. Change it
there, run this, and commit both. signalbox.yaml, calendars/ and clusters/ are written by hand."""

import dataclasses
import datetime
import functools
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
FIRST_DAY = datetime.date(2026, 1, 5)  # a Monday: the first DAGs start then, and others when they can
HOME = "Europe/Istanbul"
MODELS_A_WEEK = 2000

# How long each kind of step takes. A step has this time wherever it is used.
TIMES = {
    # Every hour, and every four.
    "clean": "35m", "bots": "30m", "snapshot": "40m", "join_searches": "50m", "enrich": "100m",
    "changes": "70m", "stock": "80m", "attribute": "2h", "signals": "90m", "score_orders": "55m", "bid": "70m",
    # Every day.
    "sessionize": "5h", "stitch": "3h", "edges": "3h30m", "components": "5h",
    "load": "2h", "derive": "3h", "parse": "2h30m", "sentiment": "6h", "embed_texts": "8h",
    "embed_images": "11h", "windows": "5h", "aggregate": "4h", "cooccur": "7h", "factorize": "6h",
    "build": "4h30m", "collect": "100m", "check": "70m", "export": "80m", "score": "5h30m",
    "retrieve": "4h", "rank": "5h", "index": "3h30m", "propose": "2h30m", "compare": "2h", "report": "75m",
    # Every week.
    "label": "5h", "join": "6h", "split": "80m", "train_trees": "9h", "train_deep": "16h",
    "train_factors": "13h", "train_series": "12h", "evaluate": "2h30m", "compact": "10h", "drift": "5h",
}  # fmt: skip

GROUPS = [{"id": str(n), "params": {"customers": f"s3://example-delphi/groups/{n}.json"}} for n in (1, 2, 3, 4)]
MARKETS = {
    "tr": "Europe/Istanbul",
    "de": "Europe/Berlin",
    "us": "America/New_York",
    "br": "America/Sao_Paulo",
    "jp": "Asia/Tokyo",
}
MARKET_LANES = [{"id": market} for market in MARKETS]
DAYS_BETWEEN = {"hourly": 1, "daily": 1, "twice": 4, "weekly": 7}  # at most


@dataclasses.dataclass
class Job:
    name: str
    steps: list
    after: list = dataclasses.field(default_factory=list)  # depends_on; (job, "covers") for a window
    cluster: str = "spot"
    laned: bool = True


@dataclasses.dataclass(eq=False)
class Dag:
    id: str
    text: str
    every: str  # a key of DAYS_BETWEEN
    cron: str
    jobs: list
    zone: str = HOME
    lanes: list = dataclasses.field(default_factory=list)
    models: int = 0  # that one run trains; lanes have theirs in their params
    calendar: str = ""  # of calendars/: it fires on those days alone
    weight: int = 1  # its jobs come before those of its pool with a smaller one


def dag(name, text, every, cron, *jobs, **options):
    return Dag(name, text, every, cron, list(jobs), **options)


def job(name, steps, *after, **options):
    return Job(name, steps.split(), list(after), **options)


def covers(name):
    return (name, "covers")


# --- The lines, from the events to what the shop shows

STREAMS = [
    dag("clickstream", "Raw events of an hour: cleaned, bots marked", "hourly", "10 * * * *",
        job("clean", "clean", cluster="small"),
        job("bots", "bots", "clean", cluster="small"),
        zone="UTC"),
    dag("orders_stream", "Orders of an hour", "hourly", "20 * * * *",
        job("snapshot", "snapshot", cluster="small"),
        zone="UTC"),
    dag("search_log", "Queries of an hour with what was clicked", "hourly", "25 * * * *",
        job("join", "join_searches", "clickstream/bots", cluster="small"),
        zone="UTC"),
    dag("catalog_changes", "Products that changed", "hourly", "40 */4 * * *",
        job("changes", "changes", cluster="small"),
        job("enrich", "enrich", "changes"),
        zone="UTC"),
    dag("prices", "Our prices and those of others", "hourly", "45 */4 * * *",
        job("snapshot", "snapshot", "catalog_changes/changes", cluster="small"),
        zone="UTC"),
    dag("inventory", "Stock in every warehouse", "hourly", "50 */4 * * *",
        job("stock", "stock", "catalog_changes/changes", cluster="small"),
        zone="UTC"),
    dag("ads_log", "Impressions, and which order each led to", "hourly", "55 */4 * * *",
        job("clean", "clean", cluster="small"),
        job("attribute", "attribute", "clean", covers("clickstream/bots"), covers("orders_stream/snapshot")),
        zone="UTC"),
    dag("fraud_signals", "What is odd about orders", "hourly", "5 */4 * * *",
        job("signals", "signals", covers("orders_stream/snapshot"), "clickstream/bots"),
        zone="UTC"),
]  # fmt: skip

SESSIONS = [
    dag(f"sessions_{market}", f"A day of {market} in sessions, in its own time", "daily", "30 0 * * *",
        job("build", "sessionize", covers("clickstream/bots"), cluster="large"),
        job("stitch", "stitch", "build"),
        zone=zone)
    for market, zone in MARKETS.items()
]  # fmt: skip
ALL_SESSIONS = [f"sessions_{market}/stitch" for market in MARKETS]

TABLES = [
    dag("identity_graph", "Which devices are one customer", "daily", "0 9 * * *",
        job("edges", "edges", *ALL_SESSIONS, cluster="large"),
        job("components", "components", "edges", cluster="large")),
    dag("orders_daily", "Orders, returns, revenue", "daily", "30 1 * * *",
        job("load", "load", covers("orders_stream/snapshot")),
        job("returns", "derive", "load")),
    dag("payments_daily", "Payments and chargebacks", "daily", "0 2 * * *",
        job("load", "load", "orders_daily/load"),
        job("chargebacks", "derive", "load", covers("fraud_signals/signals"))),
    dag("logistics_daily", "Parcels and their delays", "daily", "30 2 * * *",
        job("shipments", "load", "orders_daily/load"),
        job("delays", "derive", "shipments", "inventory/stock")),
    dag("reviews_daily", "Reviews: parsed, and what they feel", "daily", "0 3 * * *",
        job("parse", "parse", "catalog_changes/enrich"),
        job("sentiment", "sentiment", "parse", cluster="large")),
    dag("catalog_daily", "Products in vectors", "daily", "0 4 * * *",
        job("texts", "embed_texts", covers("catalog_changes/enrich"), cluster="large"),
        job("images", "embed_images", covers("catalog_changes/enrich"), cluster="large"),
        job("taxonomy", "derive", "texts", "images")),
    dag("sellers_daily", "Sellers and their quality", "daily", "0 5 * * *",
        job("profile", "load", "orders_daily/returns"),
        job("quality", "derive", "profile", "reviews_daily/sentiment", "logistics_daily/delays")),
    dag("search_daily", "Queries and clicks of a day", "daily", "30 5 * * *",
        job("queries", "load", covers("search_log/join")),
        job("clicks", "derive", "queries", "sessions_tr/stitch", "sessions_de/stitch")),
    dag("ads_daily", "What was spent, and what it brought", "daily", "0 2 * * *",
        job("spend", "load", covers("ads_log/attribute")),
        job("conversions", "derive", "spend", "orders_daily/returns"),
        zone="America/New_York"),
    dag("messages_daily", "Mails and pushes, sent and opened", "daily", "0 6 * * *",
        job("sends", "load"),
        job("opens", "derive", "sends", *ALL_SESSIONS)),
]  # fmt: skip

FEATURES = [
    dag("user_features", "Customers, over windows of time, in four groups", "daily", "0 11 * * *",
        job("windows", "windows", "identity_graph/components", "orders_daily/returns", cluster="large"),
        job("aggregate", "aggregate", "windows", "messages_daily/opens"),
        job("publish", "collect check", "aggregate[*]", laned=False),
        lanes=GROUPS),
    dag("product_features", "Products", "daily", "0 12 * * *",
        job("windows", "windows", "orders_daily/returns", "reviews_daily/sentiment", "catalog_daily/taxonomy",
            cluster="large"),
        job("publish", "collect check", "windows")),
    dag("seller_features", "Sellers", "daily", "30 12 * * *",
        job("build", "build", "sellers_daily/quality", "payments_daily/chargebacks")),
    dag("query_features", "Queries", "daily", "0 13 * * *",
        job("build", "build", "search_daily/clicks", "catalog_daily/texts"),
        job("publish", "collect", "build")),
    dag("pair_features", "What is bought together", "daily", "30 13 * * *",
        job("cooccurrence", "cooccur", "orders_daily/load", *ALL_SESSIONS, cluster="large"),
        job("factors", "factorize", "cooccurrence", cluster="memory")),
    dag("session_features", "Visits, market by market", "daily", "0 10 * * *",
        job("build", "build", "identity_graph/edges", *ALL_SESSIONS),
        job("join", "collect", "build[*]", laned=False),
        lanes=MARKET_LANES),
    dag("price_features", "Prices beside demand and stock", "daily", "0 14 * * *",
        job("build", "build", covers("prices/snapshot"), covers("inventory/stock"), "orders_daily/returns")),
    dag("ad_features", "Advertisements", "daily", "30 14 * * *",
        job("build", "build", "ads_daily/conversions", "catalog_daily/images")),
    dag("feature_store", "All features of the day, to where they are served from", "daily", "0 16 * * *",
        job("check", "check compare", "user_features/publish", "product_features/publish",
            "seller_features/build", "query_features/publish", "pair_features/factors", "session_features/join",
            "price_features/build", "ad_features/build"),
        job("publish", "export", "check", cluster="small")),
]  # fmt: skip


def pipeline(name, text, every, cron, train, *, labels, reads, models, lanes=(), zone=HOME):
    """Labeling, dataset, training, evaluation in each lane, and one job that publishes them all. `models`
    is how many each lane trains."""
    params = [lane.get("params", {}) | {"models": count} for lane, count in zip(lanes, models)]
    return dag(name, text, every, cron,
        job("labeling", "label", *labels),
        job("dataset_preparation", "join split", "labeling", *reads, cluster="large"),
        job("training", train, "dataset_preparation", cluster="memory"),
        job("evaluation", "evaluate", "training"),
        job("publish", "collect", "evaluation[*]" if lanes else "evaluation", laned=False, cluster="small"),
        zone=zone,
        lanes=[{"id": lane["id"], "params": of_lane} for lane, of_lane in zip(lanes, params)],
        models=0 if lanes else models[0])  # fmt: skip


USERS, PRODUCTS = "user_features/aggregate", "product_features/windows"
PIPELINES = [
    pipeline("purchase_propensity", "Who buys what next week", "weekly", "0 2 * * 1", "train_deep",
        labels=[covers("orders_daily/returns")], reads=[covers(USERS), covers("session_features/join")],
        models=(90, 110, 140, 160), lanes=GROUPS),
    pipeline("churn", "Who will not come back", "weekly", "0 2 * * 2", "train_trees",
        labels=[covers("orders_daily/load")], reads=[covers(USERS), "messages_daily/opens"],
        models=(40, 40, 60, 60), lanes=GROUPS),
    pipeline("basket_value", "How much a customer will spend", "weekly", "0 2 * * 3", "train_trees",
        labels=[covers("orders_daily/returns")], reads=[covers(USERS), PRODUCTS],
        models=(30, 30, 40, 50), lanes=GROUPS),
    pipeline("recommendation_ranking", "In which order to show products", "twice", "0 4 * * 1,4", "train_deep",
        labels=[covers("session_features/join")], reads=[USERS, PRODUCTS, "pair_features/factors"],
        models=(25, 25, 30, 40), lanes=GROUPS),
    pipeline("message_timing", "When a message is welcome", "weekly", "0 2 * * 5", "train_trees",
        labels=[covers("messages_daily/opens")], reads=[USERS],
        models=(50, 50, 70, 80), lanes=GROUPS),
    pipeline("search_ranking", "In which order to answer a query, by market", "twice", "0 3 * * 2,5", "train_trees",
        labels=[covers("search_daily/clicks")],
        reads=["query_features/build", PRODUCTS, "session_features/build"],
        models=(20, 20, 25, 15, 20), lanes=MARKET_LANES),
    pipeline("candidates", "Which products are near which customers", "weekly", "0 8 * * 1", "train_factors",
        labels=[covers("pair_features/cooccurrence")],
        reads=["user_features/publish", "catalog_daily/taxonomy"],
        models=(10,)),
    pipeline("demand_forecast", "How much of each product will be ordered", "weekly", "0 8 * * 2", "train_series",
        labels=[covers("orders_daily/load")], reads=[PRODUCTS, covers("price_features/build")],
        models=(150,)),
    pipeline("price_elasticity", "What a price does to demand", "weekly", "0 8 * * 3", "train_series",
        labels=[covers("price_features/build")], reads=[PRODUCTS, "demand_forecast/publish"],
        models=(180,)),
    pipeline("ads_click", "Which advertisement is clicked", "twice", "0 12 * * 1,4", "train_deep",
        labels=[covers("ads_daily/conversions")], reads=["ad_features/build", "user_features/publish"],
        models=(15,), zone="America/New_York"),
    pipeline("fraud", "Which order is not what it seems", "twice", "0 12 * * 2,5", "train_trees",
        labels=[covers("payments_daily/chargebacks")],
        reads=["seller_features/build", "identity_graph/components"],
        models=(10,)),
    pipeline("return_risk", "Which order comes back", "weekly", "0 12 * * 3", "train_trees",
        labels=[covers("orders_daily/returns")], reads=["user_features/publish", PRODUCTS],
        models=(30,)),
    pipeline("delivery_eta", "When a parcel arrives", "weekly", "0 8 * * 4", "train_series",
        labels=[covers("logistics_daily/delays")], reads=["seller_features/build"],
        models=(25,)),
    pipeline("query_intent", "What a query wants", "weekly", "0 2 * * 6", "train_deep",
        labels=[covers("search_daily/queries")], reads=["query_features/build", "catalog_daily/texts"],
        models=(8,)),
    pipeline("seller_risk", "Which seller to look at", "weekly", "0 4 * * 6", "train_trees",
        labels=[covers("sellers_daily/quality")], reads=["seller_features/build"],
        models=(7,)),
]  # fmt: skip

SCORING = [
    dag("score_purchase", "Tomorrow's purchases", "daily", "0 17 * * *",
        job("score", "score", USERS, "purchase_propensity/evaluation", cluster="large"),
        job("export", "export", "score[*]", laned=False),
        lanes=GROUPS),
    dag("score_churn", "Customers at risk", "daily", "0 18 * * *",
        job("score", "score", USERS, "churn/evaluation", "basket_value/evaluation"),
        job("export", "export", "score[*]", laned=False),
        lanes=GROUPS),
    dag("recommend_home", "The home page of each customer", "daily", "0 19 * * *",
        job("retrieve", "retrieve", "candidates/publish", USERS, cluster="large"),
        job("rank", "rank", "retrieve", "recommendation_ranking/evaluation", cluster="large"),
        job("publish", "export", "rank[*]", laned=False),
        lanes=GROUPS, weight=10),
    dag("recommend_mail", "What to write to whom, and when", "daily", "0 21 * * *",
        job("rank", "rank", "recommend_home/publish", "message_timing/publish"),
        job("publish", "export", "rank", cluster="small")),
    dag("search_index", "The index with its ranking", "daily", "30 15 * * *",
        job("build", "index", "product_features/publish", "query_features/publish", "search_ranking/publish",
            "query_intent/publish"),
        job("publish", "export", "build", cluster="small"),
        weight=10),
    dag("price_proposals", "Prices for people to decide about", "daily", "0 20 * * *",
        job("propose", "propose", "price_features/build", "price_elasticity/publish"),
        calendar="office"),
    dag("stock_orders", "What to order from suppliers", "daily", "30 20 * * *",
        job("propose", "propose", "demand_forecast/publish", "inventory/stock", "product_features/publish")),
    dag("fraud_scores", "Orders to hold back", "hourly", "35 */4 * * *",
        job("score", "score_orders", "fraud_signals/signals", "fraud/publish"),
        zone="UTC", weight=20),
    dag("ad_bids", "What a place is worth to us", "hourly", "15 */4 * * *",
        job("bid", "bid", "ads_log/attribute", "ads_click/publish"),
        zone="UTC"),
]  # fmt: skip

WATCHING = [
    dag("data_quality", "What the tables of the day lack", "daily", "30 7 * * *",
        job("check", "check", "orders_daily/returns", "payments_daily/load", "logistics_daily/shipments",
            "ads_daily/spend"),
        job("compare", "compare", "check")),
    dag("model_monitor", "Scores beside what came of them", "daily", "0 23 * * *",
        job("compare", "compare", "score_purchase/export", "score_churn/export", "orders_daily/load"),
        job("report", "report", "compare", cluster="small")),
    dag("experiments", "Which variant won", "daily", "0 8 * * *",
        job("join", "derive", *ALL_SESSIONS, "orders_daily/load"),
        job("report", "report", "join", "messages_daily/opens", cluster="small")),
    dag("feature_drift", "Features that are not what they were", "weekly", "0 10 * * 6",
        job("drift", "drift", covers("feature_store/check"), cluster="large")),
    dag("history", "A week of events, compacted", "weekly", "0 1 * * 7",
        job("compact", "compact", *[covers(f"sessions_{market}/build") for market in MARKETS], cluster="large")),
    dag("model_registry", "All models of the week, compared with those before", "weekly", "0 14 * * 7",
        job("collect", "collect", *[f"{dag.id}/publish" for dag in PIPELINES]),
        job("report", "report", "collect", cluster="small")),
    dag("weekly_review", "The week in figures, for Monday morning", "weekly", "0 18 * * 7",
        job("report", "compare report", "model_registry/report", "feature_drift/drift", "history/compact",
            covers("model_monitor/report"), covers("experiments/report"), cluster="small")),
]  # fmt: skip

# (name, its pool, who owns it, its DAGs)
LINES = [
    ("streams", "streams", "data-platform", STREAMS),
    ("sessions", "daily", "data-platform", SESSIONS),
    ("tables", "daily", "data-platform", TABLES),
    ("features", "daily", "ml-platform", FEATURES),
    ("models", "models", "ml-platform", PIPELINES),
    ("scoring", "daily", "ml-products", SCORING),
    ("watching", "default_pool", "ml-platform", WATCHING),
]
DAGS = {each.id: each for *_, dags in LINES for each in dags}

# --- Writing the files

SPOT_CORES = {"spot": 64, "large": 256}  # vCPUs of the templates' cores, bought on demand from try 3 on
MAX_ACTIVE_RUNS = {"hourly": 12, "daily": 3, "twice": 1, "weekly": 1}


@functools.cache
def start_date(dag):
    """The first day on which all that the DAG reads has been made: it starts then."""
    day = FIRST_DAY
    for upstream, window in edges(dag):
        days = DAYS_BETWEEN[dag.every if window == "covers" else upstream.every]
        day = max(day, start_date(upstream) + datetime.timedelta(days + 1))
    return day


def edges(dag):
    """(upstream DAG, window) of each edge that comes from another DAG."""
    for each in dag.jobs:
        for reference in each.after:
            name, window = reference if isinstance(reference, tuple) else (reference, "latest_due")
            if "/" in name:
                yield DAGS[name.split("/")[0]], window


def flow(value):
    """A value on one line of YAML; what YAML could take for something else is quoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        is_text = value[:1].isalpha() and not set(value) & set('{}[],#"*&!|>%@`') and ": " not in value
        plain = is_text or re.fullmatch(r"(\d+[dhms])+", value)
        return value if plain else json.dumps(value)
    return json.dumps(value)


def step_lines(dag, each, step):
    lane = dag.lanes and each.laned
    args = ["--data", "{{ params.data }}", "--from", "{{ data_interval_start }}"]
    args += ["--to", "{{ data_interval_end }}"]
    args += ["--lane", "{{ lane.id }}"] if lane else []
    if step.startswith("train_"):
        args += ["--models", "{{ lane.params.models }}" if lane else "{{ params.models }}"]
    yield f"      - name: {step}"
    yield f"        expected_duration: {TIMES[step]}"
    yield "        spark_submit:"
    yield f"          application: s3://example-delphi/jobs/{step}.py"
    yield f"          args: {flow(args[:4])[:-1]},"
    yield f"                 {flow(args[4:])[1:]}"


def on_demand_lines(cluster):
    core = {"InstanceType": "r6i.4xlarge", "WeightedCapacity": 16}
    yield "      - from_try: 3"
    yield "        overrides:"
    yield "          Instances:"
    yield "            InstanceFleets:"
    yield "              - {Name: master, InstanceFleetType: MASTER, TargetOnDemandCapacity: 1,"
    yield "                 InstanceTypeConfigs: [{InstanceType: m6i.xlarge}]}"
    yield f"              - {{Name: core, InstanceFleetType: CORE, TargetOnDemandCapacity: {SPOT_CORES[cluster]},"
    yield f"                 InstanceTypeConfigs: [{flow(core)}]}}"


def job_lines(dag, each, anchors):
    yield f"  {each.name}:"
    yield "    type: emr_job"
    if dag.lanes and not each.laned:
        yield "    lanes: none"
    yield f"    cluster: {each.cluster}"
    if each.after:
        references = [{"job": r[0], "window": r[1], "missing": "skip"} if isinstance(r, tuple) else r for r in each.after]
        line = f"    depends_on: {flow(references)}"
        if len(line) <= 100:
            yield line
        else:
            yield "    depends_on:"
            yield from (f"      - {flow(reference)}" for reference in references)
    if len(each.steps) > 1:
        yield "    resume: failed_step"
    if each.cluster == "memory":
        yield "    max_run_time: 24h              # a step that hangs ends even if nobody watches"
    if each.cluster in anchors:
        yield f"    on_retry: *{each.cluster}_on_demand"
    elif each.cluster in SPOT_CORES:
        anchors.add(each.cluster)
        yield f"    on_retry: &{each.cluster}_on_demand"
        yield from on_demand_lines(each.cluster)
    yield "    steps:"
    for step in each.steps:
        yield from step_lines(dag, each, step)


def dag_text(dag, line, pool, owner):
    params = {"data": "s3://example-delphi"} | ({"models": dag.models} if dag.models else {})
    defaults = {"retries": 2, "infra_retries": 5, "retry_delay": "10m", "infra_retry_delay": "5m"}
    weight = {"priority_weight": dag.weight} if dag.weight > 1 else {}
    lines = [
        "# Written by generate.py, which is the place to change it.",
        *(["# Published by Sunday 23:59 in Istanbul, or the week is lost."] if line == "models" else []),
        f"dag_id: {dag.id}",
        f"description: {flow(dag.text)}",
        f"owner: {owner}",
        f"tags: {flow([line, dag.every])}",
        f"schedule: {json.dumps(dag.cron)}",
        f"timezone: {dag.zone}",
        *([f"calendar: {dag.calendar}"] if dag.calendar else []),
        f"start_date: {start_date(dag)}",
        "catchup: false",
        f"max_active_runs: {MAX_ACTIVE_RUNS[dag.every]}",
        "is_paused_upon_creation: false",
        f"params: {flow(params)}",
        f"default_args: {flow(defaults | {'pool': pool} | weight)}",
    ]
    if dag.lanes:
        lines += ["", "lanes:", *(f"  - {flow(lane)}" for lane in dag.lanes)]
    lines += ["", "tasks:"]
    anchors = set()
    for each in dag.jobs:
        lines += job_lines(dag, each, anchors)
    return "\n".join(lines) + "\n"


def faults_text():
    used = {step for dag in DAGS.values() for each in dag.jobs for step in each.steps}
    assert used == TIMES.keys(), used ^ TIMES.keys()
    lines = [
        "# Written by generate.py. How long things take where the emulator stands for EMR; nothing goes wrong.",
        "timing:",
        "  provisioning: 6m",
        "  bootstrap: 3m",
        "  shutdown: 2m",
        "  jitter: 0.15",
        "  steps:",
        *(f"    {step}: {span}" for step, span in TIMES.items()),
    ]
    return "\n".join(lines) + "\n"


def models_a_week():
    of_run = {dag.id: dag.models + sum(lane["params"]["models"] for lane in dag.lanes) for dag in PIPELINES}
    return sum(of_run[dag.id] * (2 if dag.every == "twice" else 1) for dag in PIPELINES)


def main():
    assert models_a_week() == MODELS_A_WEEK, models_a_week()
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    (folder / "dags").mkdir(parents=True, exist_ok=True)
    for *line, dags in LINES:
        for dag in dags:
            (folder / "dags" / f"{dag.id}.yaml").write_text(dag_text(dag, *line), encoding="utf-8")
    (folder / "faults.yaml").write_text(faults_text(), encoding="utf-8")
    jobs = sum(len(dag.lanes) or 1 if each.laned else 1 for dag in DAGS.values() for each in dag.jobs)
    print(f"{len(DAGS)} DAGs, {jobs} jobs (one in each lane counts), {models_a_week()} models a week")


if __name__ == "__main__":
    main()
