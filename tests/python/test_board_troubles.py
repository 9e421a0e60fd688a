"""The board when the server is slow, refuses, or changes while it is asked: it never says more than it knows."""

import pytest
from playwright.sync_api import expect

import browsers
from test_board import DAG, RUN, browser, estate, open_board  # noqa: F401

pytestmark = pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed: tools/setup")
BROKEN = {"status": 500, "body": '{"detail": "the disk is full"}', "content_type": "application/json"}


def forgive(board):
    """The browser reports the answers that a test spoils."""
    board.complaints = [line for line in board.complaints if "500" not in line]


def test_who_one_is_cannot_be_read(open_board):
    board = open_board("viewer")
    page = board.page
    page.route("**/api/v2/me", lambda route: route.fulfill(**BROKEN))
    board.open("/today")
    page.get_by_role("alert").get_by_text("the disk is full").wait_for()
    page.unroute("**/api/v2/me")
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("heading", name="Today").wait_for()
    forgive(board)


def test_today_does_not_say_that_all_is_well_before_it_knows(open_board):
    board = open_board("viewer")
    page = board.page
    page.route("**/api/v2/orphans*", lambda route: route.fulfill(**BROKEN))
    board.open("/today")
    card = page.locator("section", has=page.get_by_role("heading", name="Waits for somebody"))
    card.get_by_role("alert").wait_for()
    assert page.get_by_text("Nothing waits for a person").count() == 0
    page.unroute("**/api/v2/orphans*")
    board.open("/today")
    board.settle()
    assert card.get_by_role("alert").count() == 0
    forgive(board)


def test_nobody_agrees_before_the_preview_is_there(open_board):
    board = open_board("operator")
    page = board.page
    may_answer = []

    def answer_late(route):
        while not may_answer:
            page.wait_for_timeout(50)
        route.continue_()

    page.route("**/clearTaskInstances", answer_late)
    board.open(f"/dags/{DAG}/runs/{RUN}/jobs/job1?lane=0")
    page.get_by_role("button", name="Clear").click()
    agree = page.get_by_role("dialog").get_by_role("button", name="Clear")
    expect(agree).to_be_visible()
    expect(agree).to_be_disabled()
    may_answer.append(True)
    page.get_by_role("dialog").get_by_text("things change").wait_for()
    expect(agree).to_be_enabled()


def test_what_changes_while_the_map_is_read_is_seen(open_board, estate):
    board = open_board("viewer")
    page = board.page
    board.station(DAG, "job0").wait_for()
    page.get_by_text("live", exact=True).wait_for()
    page.wait_for_timeout(1000)  # the reading after the stream's opening
    old = []

    def answer_late(route):
        if old:
            route.continue_()
            return
        reply = route.fetch()
        old.append(route)
        # Read before the second change, delivered after it.
        estate.standalone.call(f"/dags/{DAG}", {"is_paused": True}, "PATCH")
        page.wait_for_timeout(1000)
        route.fulfill(response=reply)

    page.route("**/api/v2/map", answer_late)
    estate.trigger(DAG, "seen")
    try:
        page.get_by_text(f"{DAG} (paused)").wait_for()
    finally:
        estate.standalone.call(f"/dags/{DAG}", {"is_paused": False}, "PATCH")
    assert old


def test_a_map_that_is_not_dragged_is_clicked(open_board):
    board = open_board("viewer")
    page = board.page
    station = board.station(DAG, "job0")
    station.wait_for()
    page.mouse.move(700, 760)
    page.mouse.down()
    page.mouse.move(760, 740, steps=4)
    page.mouse.up()
    assert "focus" not in page.url
    station.dispatch_event("click")  # as a screen reader does, without a pointer
    page.get_by_role("complementary").get_by_role("heading", name="job0").wait_for()
