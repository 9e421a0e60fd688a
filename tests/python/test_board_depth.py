"""The depth of a DAG, a run and a job on the board: its views, the form of a trigger, what was sent to EMR."""

import json
import re

import pytest

import browsers
from processes import SMALL_CLUSTER, Estate, eventually

DAG, RUN = "depth", "first"
JOB = f"/dags/{DAG}/runs/{RUN}/jobs/train?lane=eu"
SETTINGS = "deployment: depth\n"
DAG_FILE = """
dag_id: depth
is_paused_upon_creation: false
schedule: "0 2 * * *"
start_date: 2026-01-05
params:
  size: {type: integer, minimum: 1, maximum: 64, default: 8, description: How many parts}
  day: {type: string, format: date, default: "2026-01-05"}
  market: {enum: [tr, de], default: tr}
  full: {type: boolean, default: false}
  shape: {default: {cores: 4}}
lanes: [{id: eu}, {id: us}]
default_args: {retries: RETRIES, infra_retries: 3, retry_delay: 10s, infra_retry_delay: 10s}
groups:
  load:
    tasks:
      fetch: {type: emr_job, cluster: small}
      clean: {type: emr_job, cluster: small, depends_on: [fetch]}
tasks:
  train:
    type: emr_job
    cluster: small
    depends_on: [load]
    on_retry:
      - from_try: 2
        overrides:
          Instances:
            InstanceFleets:
              - {InstanceFleetType: MASTER, TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
              - {InstanceFleetType: CORE, TargetOnDemandCapacity: 2, InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
  publish: {type: emr_job, cluster: small, lanes: none, depends_on: ["train[*]"]}
"""
FAULTS = """
timing: {provisioning: 15s, bootstrap: 5s, step: 20s, shutdown: 5s, jitter: 0}
faults:
  - {name: '* train_eu try 1', on: RUNNING, after: 5s, do: lose_fleet, fleet: CORE, cluster: DIES}
  - {name: '* held_* fetch_*', do: hang_provisioning}
"""
VIEWS = [f"/dags/{DAG}?view={view}" for view in
         ("graph", "graph&open=load", "gantt", "calendar", "durations", "durations&measure=landing&of=train_eu", "runs",
          "code", "code&version=2&against=1", "details")]
VIEWS += [f"/dags/{DAG}"] + [f"/dags/{DAG}/runs/{RUN}?view={view}" for view in ("jobs", "lanes", "gantt", "history")]
VIEWS += [f"{JOB}&view={view}" for view in ("log", "request", "cluster", "history")]

pytestmark = pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed: tools/setup")


def write_project(folder, retries):
    for name in ("clusters", "dags"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "signalbox.yaml").write_text(SETTINGS)
    (folder / "clusters" / "small.yaml").write_text(SMALL_CLUSTER)
    (folder / "dags" / "depth.yaml").write_text(DAG_FILE.replace("RETRIES", str(retries)))
    return folder


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("depth")
    estate = Estate(folder, write_project(folder / "project", retries=1), faults=FAULTS, speed=100)
    try:
        estate.passwords = {
            role: browsers.make_user(estate.standalone, f"ada-{role}", role) for role in ("operator", "viewer")
        }
        estate.trigger(DAG, RUN)
        assert estate.standalone.wait_for_run(DAG, RUN) == "success"
        write_project(folder / "project", retries=2)
        eventually(lambda: estate.standalone.call(f"/dags/{DAG}/dagVersions")["total_entries"], lambda count: count == 2)
        yield estate
    finally:
        estate.stop()


@pytest.fixture(scope="module")
def browser():
    with browsers.chromium() as found:
        yield found


@pytest.fixture
def open_board(browser, estate):
    """A function that logs somebody in; at the end no page may have complained."""
    boards = []

    def open_one(role="operator", **options):
        board = browsers.Board(browser, estate.standalone, **options)
        boards.append(board)
        board.log_in(f"ada-{role}", estate.passwords[role])
        return board

    yield open_one
    complaints = [complaint for board in boards for complaint in board.complaints]
    for board in boards:
        board.close()
    assert complaints == []


def test_a_run_is_triggered_by_a_form_of_typed_params(open_board, estate):
    board = open_board()
    board.open(f"/dags/{DAG}")
    page = board.page
    page.get_by_role("button", name="Trigger").click()
    dialog = page.get_by_role("dialog")
    preview = dialog.get_by_role("region", name="What the run gets")
    size = dialog.get_by_label("size")
    trigger = dialog.get_by_role("button", name="Trigger")

    size.fill("many")
    trigger.click()
    dialog.get_by_text("This has to be a whole number.").wait_for()
    size.fill("0")  # a whole number, and none that the schema allows: the server says so
    trigger.click()
    dialog.get_by_text("0 is less than the minimum of 1").wait_for()
    board.complaints = [line for line in board.complaints if "422" not in line]  # browsers report each refusal
    assert size.get_attribute("aria-invalid") == "true"

    size.fill("16")
    dialog.get_by_label("day").fill("2026-02-03")
    dialog.get_by_label("full").check()
    assert preview.get_by_text("changed").count() == 3
    assert board.violations() == []
    preview.get_by_text("2026-02-03").wait_for()
    asked = dialog.get_by_role("group", name="What its jobs will ask for")
    asked.get_by_text("What its jobs will ask for").click()
    asked.get_by_text("train_eu RunJobFlow").click()
    request = asked.get_by_role("group").filter(has_text="train_eu").locator("pre")
    request.get_by_text('"TargetSpotCapacity": 2').wait_for()
    dialog.get_by_text("Run id, logical date").click()
    dialog.get_by_label("Run id").fill("held_by_form")
    dialog.get_by_label("Note").fill("made by hand")
    trigger.click()
    page.get_by_text("has begun").wait_for()
    run = estate.standalone.call(f"/dags/{DAG}/dagRuns/held_by_form")
    assert run["conf"] == {"size": 16, "day": "2026-02-03", "full": True}
    assert run["note"] == "made by hand"

    board.open(f"/dags/{DAG}/runs/held_by_form?view=gantt")
    page.get_by_role("region", name="Gantt chart").wait_for()
    page.get_by_role("button", name="Abort").click()
    dialog.get_by_text("things change").wait_for()
    dialog.get_by_role("button", name="Abort").click()
    page.get_by_text("The run is aborted.").wait_for()
    assert estate.standalone.call(f"/dags/{DAG}/dagRuns/held_by_form")["state"] == "failed"


def test_what_a_retry_asked_for_otherwise_is_seen(open_board):
    board = open_board("viewer")
    board.open(f"{JOB}&view=request")
    page = board.page
    page.get_by_text("CORE: 2 spot → 2 on-demand").wait_for()
    diff = page.get_by_role("region", name="From the request of try 1 to that of try 2")
    assert diff.locator("[data-kind=gone]", has_text='"TargetSpotCapacity": 2').count() == 1
    assert diff.locator("[data-kind=new]", has_text='"TargetOnDemandCapacity": 2').count() == 1
    page.get_by_text("As sent").click()
    page.get_by_role("region", name="Request of try 2").get_by_text('"JobFlowRole"').wait_for()
    assert "whole=yes" in page.url
    board.open(f"{JOB}&view=request&log=1")
    page.get_by_text("CORE: 2 spot", exact=False).wait_for()


def test_the_log_is_searched(open_board):
    board = open_board("viewer")
    board.open(f"{JOB}&log=1")
    page = board.page
    log = page.get_by_role("log")
    log.get_by_text("try 1 begins").wait_for()
    page.get_by_label("Lines with this text").fill("ENDED")
    log.locator("mark", has_text="ended").first.wait_for()
    assert log.get_by_text("try 1 begins").count() == 0
    page.get_by_text(re.compile(r"^\d+ of \d+ lines$")).wait_for()
    assert "find=ENDED" in page.url


def test_a_job_is_marked_after_its_preview_and_gets_a_note(open_board, estate):
    estate.trigger(DAG, "held_marked")
    board = open_board()
    board.open(f"/dags/{DAG}/runs/held_marked/jobs/publish")
    page, dialog = board.page, board.page.get_by_role("dialog")
    page.get_by_role("button", name="Mark").click()
    dialog.get_by_text("publish").first.wait_for()
    dialog.get_by_text(re.compile("things? changes?:")).wait_for()
    dialog.get_by_role("button", name="Mark").click()
    page.get_by_text("publish is marked success.").wait_for()
    page.get_by_role("button", name="Note").click()
    dialog.get_by_label("Note").fill("the table was there already")
    dialog.get_by_role("button", name="Note").click()
    page.get_by_text("Note: the table was there already").wait_for()
    estate.standalone.call(f"/dags/{DAG}/dagRuns/held_marked", {"state": "failed"}, "PATCH")


def test_a_job_at_work_is_aborted_after_its_preview(open_board, estate):
    estate.trigger(DAG, "held_aborted")
    board = open_board()
    board.open(f"/dags/{DAG}/runs/held_aborted/jobs/fetch?lane=eu")
    page, dialog = board.page, board.page.get_by_role("dialog")
    page.get_by_role("button", name="Abort").click()
    dialog.get_by_text(re.compile("things? changes?:")).wait_for()
    dialog.get_by_role("button", name="Abort").click()
    page.get_by_text("fetch_eu is aborted.").wait_for()
    page.locator("main header").get_by_text("failed").wait_for()
    estate.standalone.call(f"/dags/{DAG}/dagRuns/held_aborted", {"state": "failed"}, "PATCH")


def test_a_group_is_one_box_until_it_is_opened(open_board):
    board = open_board("viewer")
    board.open(f"/dags/{DAG}?view=graph&run={RUN}")
    graph = board.page.get_by_role("region", name="Graph")
    graph.get_by_role("link", name="train: success").wait_for()
    assert graph.get_by_text("fetch").count() == 0
    graph.get_by_role("button", name="Open the group load").click()
    graph.get_by_role("link", name="fetch: success").wait_for()
    assert "open=load" in board.page.url


def test_the_critical_path_is_marked(open_board):
    board = open_board("viewer")
    board.open(f"/dags/{DAG}/runs/{RUN}?view=gantt")
    chart = board.page.get_by_role("region", name="Gantt chart")
    chart.get_by_role("link", name="train_eu: success, on the critical path").wait_for()  # it was tried twice
    assert chart.get_by_role("link", name="train_us: success, on the critical path").count() == 0


def test_versions_of_the_code_are_compared(open_board):
    board = open_board("viewer")
    board.open(f"/dags/{DAG}?view=code&version=2&against=1")
    diff = board.page.get_by_role("region", name="From version 1 to 2")
    diff.get_by_text(re.compile('"retries": 2')).first.wait_for()
    assert diff.get_by_text(re.compile('"retries": 1')).count() > 0


def test_a_viewer_may_end_nothing(open_board, estate):
    estate.trigger(DAG, "held_watched")
    board = open_board("viewer")
    board.open(f"/dags/{DAG}/runs/held_watched")
    board.page.get_by_role("navigation", name="Views of the run").wait_for()
    board.settle()
    for name in ("Abort", "Mark success", "Note", "Trigger"):
        assert board.page.get_by_role("button", name=name).count() == 0, name
    estate.standalone.call(f"/dags/{DAG}/dagRuns/held_watched", {"state": "failed"}, "PATCH")


@pytest.mark.parametrize(("theme", "size"), [("light", (1440, 900)), ("dark", (390, 844))])
def test_nothing_serious_stands_in_the_way_of_anybody(open_board, theme, size):
    board = open_board("viewer", theme=theme, size=size)
    found = {}
    for path in VIEWS:
        board.open(path)
        board.page.locator("main section").first.wait_for()
        board.settle()
        if violations := board.violations():
            found[path] = violations
    assert found == {}, json.dumps(found, indent=1)
