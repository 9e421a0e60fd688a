"""The board in a real browser, against a real server on the emulator."""

import json
import urllib.error
import urllib.request

import pytest

import browsers
from processes import SMALL_CLUSTER, Estate, eventually, write_project

DAG, RUN = "chain", "first"
SETTINGS = "deployment: board\n"
# A DAG in a blackout. The world begins in the first week of 2026.
CLOSED = """
dag_id: closed
is_paused_upon_creation: false
schedule: "0 2 * * *"
blackout: [{from: 2026-01-01, to: 2026-09-01}]
tasks:
  alone: {type: empty}
"""
# A DAG whose cluster is up for as long as the tests take.
STANDING = """
dag_id: standing
is_paused_upon_creation: false
tasks:
  stand: {type: emr_job, cluster: bare, steps: [{name: forever, spark_submit: {application: s3://b/x.py}}]}
"""
TIMING = "timing: {steps: {forever: 90h}}"
SCREENS = ("/", "/today", "/dags", f"/dags/{DAG}", "/clusters")
CHANGES = {"Trigger", "Pause", "Clear", "Mark", "Note", "Terminate", "Clear failed jobs"}

pytestmark = pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed: tools/setup")


@pytest.fixture(scope="module")
def browser():
    with browsers.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    project = write_project(folder / "project", SETTINGS, jobs=3, lanes=2)
    (project / "dags" / "standing.yaml").write_text(STANDING)
    (project / "dags" / "closed.yaml").write_text(CLOSED)
    (project / "clusters" / "bare.yaml").write_text(SMALL_CLUSTER.split("Steps:")[0])
    estate = Estate(folder, project, faults=TIMING, speed=100)
    try:
        estate.passwords = {
            role: browsers.make_user(estate.standalone, f"ada-{role}", role) for role in ("operator", "viewer")
        }
        estate.trigger("standing")
        estate.trigger(DAG, RUN)
        assert estate.standalone.wait_for_run(DAG, RUN) == "success"
        estate.trigger(DAG, "stopped")
        estate.standalone.call(f"/dags/{DAG}/dagRuns/stopped", {"state": "failed"}, "PATCH")
        yield estate
    finally:
        estate.stop()


@pytest.fixture
def open_board(browser, estate):
    """A function that logs somebody in; at the end no page may have complained."""
    boards = []

    def open_one(role, **options):
        board = browsers.Board(browser, estate.standalone, **options)
        boards.append(board)
        board.log_in(f"ada-{role}", estate.passwords[role])
        return board

    yield open_one
    complaints = [complaint for board in boards for complaint in board.complaints]
    for board in boards:
        board.close()
    assert complaints == []


def get(estate, path, **headers):
    request = urllib.request.Request(estate.standalone.url + path, headers={"Accept": "text/html"} | headers)
    return urllib.request.urlopen(request, timeout=10)


def test_the_page_is_served_to_anybody_without_inline_code(estate):
    with get(estate, "/dags/chain") as reply:
        page = reply.read().decode()
        assert reply.headers["Cache-Control"] == "no-cache"
        assert "default-src 'self'" in reply.headers["Content-Security-Policy"]
        assert "unsafe" not in reply.headers["Content-Security-Policy"]
        tag = reply.headers["ETag"]
    assert "<style" not in page and " style=" not in page
    assert page.count("<script") == page.count('<script type="module" crossorigin src="/assets/')
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        get(estate, "/", **{"If-None-Match": tag})
    assert unchanged.value.code == 304


def test_the_api_keeps_its_paths_and_its_door(estate):
    for path in ("/api/v2/dags", "/metrics", "/api/v2/nothing"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(estate, path)
        assert refused.value.code == 401, path
    with pytest.raises(urllib.error.HTTPError) as foreign:
        get(estate, "/", Host="evil.example")
    assert foreign.value.code == 403


def test_a_wrong_password_says_so_and_a_right_one_leads_back(browser, estate):
    board = browsers.Board(browser, estate.standalone)
    board.open("/dags?q=cha")
    page = board.page
    page.get_by_label("Name").fill("ada-operator")
    page.get_by_label("Password", exact=True).fill("not this one, not at all")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Password", exact=True).fill(estate.passwords["operator"])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("heading", name="DAGs").wait_for()
    assert page.url.endswith("/dags?q=cha")
    assert board.complaints == []
    board.close()


def test_a_password_for_one_login_is_changed_at_the_login(browser, estate):
    first = estate.standalone.call("/users", {"name": "grace", "role": "viewer"})["one_time_password"]
    board = browsers.Board(browser, estate.standalone)
    board.open("/login")
    page = board.page
    page.get_by_label("Name").fill("grace")
    page.get_by_label("Password", exact=True).fill(first)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_label("Your own password").fill("a password of her own")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="grace").wait_for()
    board.close()


def test_a_run_goes_live_to_its_end_on_the_map(open_board):
    board = open_board("operator")
    page = board.page
    stations = [board.station(DAG, f"job{i}") for i in range(3)]
    for station in stations:
        station.wait_for()
    page.evaluate("window.wasNotLoadedAgain = true")
    page.get_by_text(DAG, exact=True).first.click()
    page.get_by_role("button", name="Trigger").click()
    page.get_by_role("dialog").get_by_role("button", name="Trigger").click()
    page.get_by_text("has begun").wait_for()
    page.locator("[data-id='job:chain/job0'][data-look=running]").wait_for()
    page.get_by_text("at work on job0_0").first.wait_for(state="attached")  # a train
    for i in range(3):
        page.locator(f"[data-id='job:chain/job{i}'][data-look=success]").wait_for(timeout=90_000)
    assert page.evaluate("window.wasNotLoadedAgain")


def test_somebody_elses_change_appears(open_board, estate):
    board = open_board("viewer")
    label = board.page.get_by_text("chain (paused)")
    board.station(DAG, "job0").wait_for()
    for is_paused in (True, False):
        estate.standalone.call(f"/dags/{DAG}", {"is_paused": is_paused}, "PATCH")
        label.wait_for(state="visible" if is_paused else "detached")


def test_a_blackout_closes_a_line_and_the_details_say_until_when(open_board):
    board = open_board("viewer")
    board.open("/?focus=dag:closed")
    page = board.page
    page.get_by_text("closed (blackout)").wait_for()
    assert board.station("closed", "alone").get_attribute("data-closed") == "blackout"
    assert board.station(DAG, "job0").get_attribute("data-closed") is None
    page.get_by_role("complementary").get_by_text("by a blackout, until").wait_for()
    page.get_by_role("complementary").get_by_text("1 Sep").wait_for()


def test_clear_shows_what_it_would_do_before_it_does(open_board, estate):
    board = open_board("operator")
    board.open(f"/dags/{DAG}/runs/{RUN}/jobs/job1?lane=0")
    page = board.page
    page.get_by_role("button", name="Clear").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("things change").wait_for()
    assert dialog.get_by_text("job2_0").count() > 0
    assert dialog.get_by_text("job2_1").count() == 0  # the other lane
    state = estate.standalone.call(f"/dags/{DAG}/dagRuns/{RUN}")["state"]
    assert state == "success"  # so far nothing was done
    dialog.get_by_role("button", name="Clear").click()
    page.get_by_text("is cleared and runs again").wait_for()
    assert estate.standalone.call(f"/dags/{DAG}/dagRuns/{RUN}")["state"] != "success"
    estate.standalone.wait_for_run(DAG, RUN)


def test_what_has_an_opposite_can_be_undone(open_board, estate):
    dag = lambda: estate.standalone.call(f"/dags/{DAG}")["is_paused"]  # noqa: E731
    board = open_board("operator")
    board.open(f"/dags/{DAG}")
    page, dialog = board.page, board.page.get_by_role("dialog")
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    page.get_by_role("button", name="Pause").click()
    dialog.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").wait_for()
    assert dag()
    undo.click()
    page.get_by_role("button", name="Pause").wait_for()
    assert not dag()

    # Nothing is launched: it is cleared, and is as it was again.
    hold = estate.standalone.call("/holds", {"scope": "dag", "target": DAG, "reason": "so that a clear waits"})
    path = f"/dags/{DAG}/dagRuns/{RUN}"
    board.open(f"/dags/{DAG}/runs/{RUN}/jobs/job1?lane=0")
    page.get_by_role("button", name="Clear").click()
    dialog.get_by_text("things change").wait_for()
    dialog.get_by_role("button", name="Clear").click()
    page.get_by_text("is cleared and runs again").get_by_role("button", name="Undo").click()
    page.get_by_text("It is undone.").wait_for()
    assert estate.standalone.wait_for_run(DAG, RUN) == "success"
    assert {task["state"] for task in estate.standalone.call(f"{path}/taskInstances")["task_instances"]} == {"success"}

    # What has been launched is not taken back.
    page.get_by_role("button", name="Clear").click()
    dialog.get_by_text("things change").wait_for()
    dialog.get_by_role("button", name="Clear").click()
    page.get_by_text("is cleared and runs again").get_by_role("button", name="Undo").wait_for()
    estate.standalone.call(f"/holds/{hold['id']}/release", {}, "POST")
    eventually(lambda: estate.standalone.call(path + "/taskInstances/job1_0.start_cluster")["state"], "success".__eq__)
    undo.click()
    page.get_by_text("It is not undone: job1_0 has begun again.").wait_for()
    assert estate.standalone.wait_for_run(DAG, RUN) == "success"


def test_a_viewer_is_offered_nothing_to_change(open_board, estate):
    up = next(one for one in estate.standalone.call("/clusters?live=true")["clusters"] if one["dag_id"] == "standing")
    paths = [f"/clusters/{up['cluster_id']}", *SCREENS, f"/dags/{DAG}/runs/stopped",
             f"/dags/{DAG}/runs/{RUN}/jobs/job0?lane=0", "/?focus=job:chain/job0"]
    offered = {}
    for role in ("operator", "viewer"):
        board = open_board(role)
        offered[role] = set()
        for path in paths:
            board.open(path)
            board.settle()
            offered[role] |= set(board.page.locator("main button").all_inner_texts())
    assert offered["operator"] - offered["viewer"] == CHANGES
    assert offered["viewer"] & CHANGES == set()


# Contrast is the theme's, layout the width's: each is met once.
@pytest.mark.parametrize("theme, width", [("light", 1440), ("dark", 390)])
def test_nothing_serious_stands_in_the_way_of_anybody(open_board, estate, theme, width):
    board = open_board("operator", theme=theme, size=(width, 844))
    cluster = estate.standalone.call("/clusters?limit=1")["clusters"][0]["cluster_id"]
    paths = [*SCREENS, f"/dags/{DAG}/runs/{RUN}", f"/dags/{DAG}/runs/{RUN}/jobs/job0?lane=0", f"/clusters/{cluster}",
             "/clusters?show=all", "/?focus=job:chain/job1&way=up", "/no/such/page"]
    found = {}
    for path in paths:
        board.open(path)
        board.settle()
        if violations := board.violations():
            found[path] = violations
    assert found == {}, json.dumps(found, indent=1)


def test_keys_lead_around(open_board):
    board = open_board("viewer")
    page = board.page
    board.station(DAG, "job0").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("this list").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("d")  # not while a dialog lies over the screen
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    station = board.station(DAG, "job0")
    station.focus()
    page.keyboard.press("Space")
    page.get_by_role("complementary").get_by_role("heading", name="job0").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.get_by_role("heading", name="DAGs").wait_for()
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Find").fill("job1")
    page.keyboard.press("Enter")
    page.get_by_role("complementary").get_by_role("heading", name="job1").wait_for()


def test_a_connection_that_is_lost_is_shown(browser, tmp_path):
    own = Estate(tmp_path, write_project(tmp_path / "project", SETTINGS, jobs=1), faults="{}")
    board = browsers.Board(browser, own.standalone)
    board.log_in("ada", browsers.make_user(own.standalone, "ada", "viewer"))
    board.page.get_by_text("live", exact=True).wait_for()
    own.standalone.stop()
    board.page.get_by_text("The connection to Signalbox is lost").wait_for()
    board.close()
    own.emulator.stop()


def test_the_map_needs_little_code(open_board):
    board = open_board("viewer")
    board.open("/")
    board.station(DAG, "job0").wait_for()
    scripts = board.page.evaluate(
        "performance.getEntriesByType('resource').filter(one => /\\.js$/.test(one.name)).map(one => one.encodedBodySize)"
    )
    assert len(scripts) > 1
    assert sum(scripts) < 350 * 1024
