"""The board's screens of operations in a real browser: what they show, what they change, and to whom they
offer nothing."""

import json

import pytest

import browsers
from processes import Estate, eventually, write_project
from test_notifiers import Receiver

HOURLY = """
dag_id: hourly
schedule: "0 * * * *"
start_date: 2026-01-01
deadline: 30m
is_paused_upon_creation: false
tasks:
  nothing: {type: empty}
"""
SETTINGS = """
deployment: operations
pools: {clusters: {slots: 4, description: all of them}}
limits: {active: [{max: 3}]}
notifiers:
  hook: {type: webhook, url: "%s/ok", allow_private: true}
"""
SCREENS = {
    "/deadlines": "Deadlines", "/backfills": "Backfills", "/pools": "Pools and limits", "/budget": "Budget",
    "/import-errors": "Import errors", "/notifiers": "Notifiers", "/audit": "Audit", "/users": "Users",
    "/health": "Health and settings", "/account": "ada-admin", "/clusters?show=orphans": "Clusters",
    "/users?show=tokens": "Users", "/users?show=sessions": "Users",
}

pytestmark = pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed: tools/setup")


@pytest.fixture(scope="module")
def browser():
    with browsers.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("operations")
    receiver = Receiver()
    project = write_project(folder / "project", SETTINGS % receiver.url, jobs=2)
    (project / "dags" / "hourly.yaml").write_text(HOURLY)
    estate = Estate(folder, project, faults="{}", speed=60)
    try:
        estate.receiver = receiver
        estate.passwords = {
            role: browsers.make_user(estate.standalone, f"ada-{role}", role) for role in ("admin", "operator", "viewer")
        }
        estate.trigger("chain")
        yield estate
    finally:
        estate.stop()
        receiver.stop()


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


# Contrast is the theme's, layout the width's: each is met once.
@pytest.mark.parametrize("theme, size", [("light", (1440, 900)), ("dark", (390, 844))])
def test_each_screen_opens_and_nothing_serious_stands_in_the_way(open_board, theme, size):
    board = open_board("admin", theme=theme, size=size)
    found = {}
    for path, title in SCREENS.items():
        board.open(path)
        board.page.get_by_role("heading", name=title, exact=True).wait_for()
        board.settle()
        if violations := board.violations():
            found[path] = violations
        width = board.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0], (path, width)
    assert found == {}, json.dumps(found, indent=1)


def test_the_bar_and_the_search_lead_to_them(open_board):
    board = open_board("admin")
    page = board.page
    bar = page.get_by_role("navigation", name="Screens")
    bar.get_by_role("link", name="Budget").click()
    page.get_by_role("heading", name="Budget", exact=True).wait_for()
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Find").fill("drain")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Pools and limits").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.get_by_role("heading", name="Health and settings").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    bar.get_by_role("button", name="More").press("Enter")
    page.get_by_role("menuitem", name="Backfills").press("Enter")
    page.get_by_role("heading", name="Backfills", exact=True).wait_for()


def test_a_viewer_sees_no_buttons_and_learns_whom_to_ask(open_board, estate):
    hold = estate.standalone.call("/holds", {"scope": "dag", "target": "hourly", "reason": "a test"})
    board = open_board("viewer")
    page = board.page
    for name in ("Audit", "Users"):
        assert page.get_by_role("navigation", name="Screens").get_by_role("link", name=name).count() == 0
    for path in SCREENS:
        board.open(path)
        page.get_by_role("button", name="ada-viewer").wait_for()
        board.settle()
        offered = page.locator("main button").all_inner_texts()
        # Filters, pools to choose from, and what is their own are no changes.
        changes = {"Hold launches", "Drain", "Release", "Create a backfill", "Pause", "Test", "Create a user", "Terminate",
                   "Rights", "Disable", "Delete", "Fill the holes"}
        assert not changes & set(offered), (path, offered)
    board.open("/audit")
    page.get_by_text("This needs the role admin.").wait_for()
    estate.standalone.call(f"/holds/{hold['id']}/release", {}, "POST")


def test_a_hold_is_placed_and_released(open_board, estate):
    board = open_board("operator")
    board.open("/pools")
    page = board.page
    page.get_by_role("button", name="Hold launches").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Which").click()
    page.get_by_role("option", name="hourly").click()
    dialog.get_by_label("Reason").fill("the input is wrong")
    dialog.get_by_role("button", name="Hold launches").click()
    row = page.get_by_role("row").filter(has_text="the input is wrong")
    row.get_by_text("the DAG hourly").wait_for()
    held = [hold for hold in estate.standalone.call("/holds?active=true")["holds"] if hold["target"] == "hourly"]
    assert [(hold["scope"], hold["placed_by"]) for hold in held] == [("dag", "ada-operator")]
    row.get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    row.wait_for(state="detached")
    page.get_by_text("The hold is released.").get_by_role("button", name="Undo").click()
    page.get_by_text("It is undone.").wait_for()
    row.get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    row.wait_for(state="detached")
    assert not [hold for hold in estate.standalone.call("/holds?active=true")["holds"] if hold["target"] == "hourly"]


def test_somebody_elses_hold_appears_and_goes(open_board, estate):
    board = open_board("viewer")
    board.open("/pools")
    board.settle()
    hold = estate.standalone.call("/holds", {"scope": "dag", "target": "chain", "reason": "seen live"})
    row = board.page.get_by_role("row").filter(has_text="seen live")
    row.wait_for()
    estate.standalone.call(f"/holds/{hold['id']}/release", {}, "POST")
    row.wait_for(state="detached")


def test_a_backfill_shows_its_ticks_before_it_begins(open_board, estate):
    board = open_board("operator")
    board.open("/backfills?dag=hourly")
    page = board.page
    page.get_by_role("button", name="Create a backfill").click()
    dialog = page.get_by_role("dialog")
    # In the browser's zone, which is three hours ahead.
    dialog.get_by_label("First logical date").fill("2026-01-03T03:00")
    dialog.get_by_label("Last logical date").fill("2026-01-03T06:00")
    dialog.get_by_text("4 things change:").wait_for()
    assert dialog.get_by_text("a new run").count() == 4
    assert estate.standalone.call("/backfills")["backfills"] == []  # so far nothing was done
    dialog.get_by_role("button", name="Create a backfill").click()
    page.get_by_text("The backfill of hourly has begun").wait_for()
    page.get_by_role("img", name="4 of 4 ticks had their turn").wait_for()
    made = estate.standalone.call("/backfills")["backfills"]
    assert [(one["from_date"], one["to_date"]) for one in made] == [("2026-01-03T00:00:00Z", "2026-01-03T03:00:00Z")]
    page.get_by_role("link", name="range #").click()
    page.get_by_role("link", name="backfill__2026-01-03T02:00:00+00:00").wait_for()


def test_a_user_is_made_and_the_password_is_shown_once(open_board, estate):
    board = open_board("admin")
    board.open("/users")
    page = board.page
    page.get_by_role("button", name="Create a user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("grace")
    dialog.get_by_role("combobox", name="Role").click()
    page.get_by_role("option", name="operator").click()
    dialog.get_by_role("button", name="Create a user").click()
    once = page.get_by_role("dialog", name="A password for grace")
    password = once.locator("code").inner_text()
    once.get_by_role("button", name="I have it").click()
    page.get_by_role("row").filter(has_text="grace").get_by_text("a password for one login").wait_for()
    assert estate.standalone.call("/users/grace")["role"] == "operator"
    estate.standalone.fetch(
        "/auth/password", {"username": "grace", "password": password, "new_password": "quite another password"}
    )
    assert page.get_by_text(password).count() == 0
    board.open("/audit?kind=record")
    page.get_by_role("row").filter(has_text="grace").first.wait_for()


def test_a_token_is_made_works_and_is_revoked(open_board, estate):
    board = open_board("viewer")
    board.open("/account")
    page = board.page
    page.get_by_role("button", name="Create a token").click()
    page.get_by_role("dialog").get_by_label("What it is for").fill("nightly report")
    page.get_by_role("dialog").get_by_role("button", name="Create a token").click()
    once = page.get_by_role("dialog", name="The token")
    token = once.locator("code").inner_text()
    assert token.startswith("sbx_")
    once.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row").filter(has_text="nightly report")
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    row.wait_for(state="detached")
    tokens = estate.standalone.call("/tokens?user=ada-viewer")["tokens"]
    assert tokens == []


def test_a_notifier_is_tested(open_board, estate):
    board = open_board("operator")
    board.open("/notifiers")
    page = board.page
    page.get_by_role("button", name="Test").click()
    page.get_by_role("dialog").get_by_role("button", name="Test").click()
    page.get_by_text("Test: delivered.").wait_for()
    assert estate.receiver.last("/ok")


def test_a_mistake_in_a_file_is_shown_and_goes(open_board, estate):
    path = estate.project / "dags" / "hourly.yaml"
    board = open_board("viewer")
    board.open("/import-errors")
    all_is_well = board.page.get_by_text("Every file of the project can be read.")
    all_is_well.wait_for()
    try:
        path.write_text(HOURLY.replace("tasks:", "taks:"))
        board.page.get_by_text("taks").first.wait_for()
        assert board.page.get_by_text("line 7").count() == 1
    finally:
        path.write_text(HOURLY)  # its DAG is what it was
    all_is_well.wait_for()


def test_the_budget_tells_calls_by_what_made_them(open_board, estate):
    estate.standalone.wait_for_run("chain", "r")
    board = open_board("viewer")
    board.open("/budget?over=24h")
    page = board.page
    page.get_by_role("img", name="calls over time").wait_for()
    launches = page.get_by_role("row").filter(has_text="RunJobFlow")
    launches.get_by_text("launches").wait_for()
    assert launches.get_by_role("cell").nth(2).inner_text() == "2"
    page.get_by_text("a sensor for each cluster", exact=True).wait_for()
