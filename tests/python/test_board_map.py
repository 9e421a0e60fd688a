"""The map of a week of 63 DAGs in a real browser: levels of detail, the wall, pictures, the film, the critical path."""

import datetime
import re
import shutil
import struct

import playwright.sync_api
import pytest

import browsers
from processes import ROOT, SMALL_CLUSTER, Estate, eventually

CHAIN = """
dag_id: chain
is_paused_upon_creation: false
tasks:
  first: {type: emr_job, cluster: tiny}
  second: {type: emr_job, cluster: tiny, depends_on: [first]}
"""
# It fails for good, and so is what the wall stops at.
BROKEN = """
dag_id: broken
is_paused_upon_creation: false
default_args: {retries: 0}
tasks:
  alone: {type: emr_job, cluster: tiny}
"""
FAULT = "faults:\n  - {name: '* broken r alone try *', do: fail_step, step: 1}\n"

# How many signs or names there are on the screen, and how many of them meet. The box of a text has room for
# accents above its capitals.
OVERLAPS = """kind => {
  const boxes = [...document.querySelectorAll(kind)].map(one => {
    const { left, right, top, bottom } = one.getBoundingClientRect()
    return { left, right, bottom, top: one.tagName === 'text' ? top + (bottom - top) * 0.2 : top }
  })
  const meets = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
  const found = []
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => meets(a, b) && found.push([a, b])))
  return [boxes.length, found.length]
}"""
# Points of lines that lie below a sign of another line.
COVERED = """() => {
  const signs = [...document.querySelectorAll('g[data-id^="dag:"][role=button]')]
    .map(sign => [sign.dataset.id, sign.getBoundingClientRect()])
  const covered = new Set()
  for (const track of document.querySelectorAll('g[data-kind=line]')) {
    const path = track.querySelector('path'), matrix = path.getScreenCTM()
    const line = 'dag:' + track.dataset.id.split('/')[0].replace('job:', '')
    for (let at = 0; at <= path.getTotalLength(); at += 10) {
      const { x, y } = path.getPointAtLength(at).matrixTransform(matrix)
      for (const [id, box] of signs)
        if (id !== line && x > box.left && x < box.right && y > box.top && y < box.bottom) covered.add(id + ' ' + line)
    }
  }
  return [...covered]
}"""
SIGN = "g[data-id^='dag:'][role=button]"

pytestmark = pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed: tools/setup")


@pytest.fixture(scope="module")
def browser():
    with browsers.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    week = ROOT / "examples" / "delphi-week"
    project = folder / "project"
    shutil.copytree(week, project)
    (project / "clusters" / "tiny.yaml").write_text(SMALL_CLUSTER)
    (project / "dags" / "chain.yaml").write_text(CHAIN)
    (project / "dags" / "broken.yaml").write_text(BROKEN)
    estate = Estate(folder, project, faults=(week / "faults.yaml").read_text() + FAULT, speed=100)
    try:
        estate.before = now(estate)
        estate.password = browsers.make_user(estate.standalone, "ada", "operator")
        estate.trigger("chain")
        estate.trigger("broken")
        assert estate.standalone.wait_for_run("broken", "r") == "failed"
        yield estate
    finally:
        estate.stop()


@pytest.fixture
def board(browser, estate):
    board = browsers.Board(browser, estate.standalone)
    board.log_in("ada", estate.password)
    yield board
    assert board.complaints == []
    board.close()


def now(estate):
    return estate.standalone.call("/monitor/health")["now"]


def level(board):
    return board.page.locator("svg[data-detail]").get_attribute("data-detail")


def zoom_to(board, wanted):
    for _ in range(20):
        if level(board) == wanted:
            return
        board.page.keyboard.press("+")
        board.page.wait_for_timeout(250)  # the map is drawn where it rests
    raise AssertionError(f"{wanted} is never reached")


def open_map(board, path="/"):
    board.open(path)
    board.page.locator("svg[data-detail] g[data-kind]").first.wait_for(state="attached")
    board.page.wait_for_timeout(200)  # the view is set in the next frame


def test_names_overlap_at_no_level_of_detail(board, estate):
    jobs = sum(len(dag["jobs"]) for dag in estate.standalone.call("/map")["dags"])
    stations = board.page.locator("[data-id^='job:'][role=button]")
    open_map(board)
    assert level(board) == "far"
    signs, overlapping = board.page.evaluate(OVERLAPS, SIGN)
    assert (signs, overlapping) == (65, 0)
    assert board.page.locator(f"{SIGN} text").count() == 65, "each DAG has its name"
    assert board.page.evaluate(COVERED) == []
    assert stations.count() == 0
    zoom_to(board, "mid")
    board.page.wait_for_timeout(400)  # until the signs have found their places
    assert board.page.evaluate(OVERLAPS, SIGN) == [65, 0]
    assert stations.count() == jobs
    zoom_to(board, "near")
    names, overlapping = board.page.evaluate(OVERLAPS, "svg[data-detail] text")
    assert names >= jobs + 65 and overlapping == 0


def test_dags_of_a_tag_lie_on_one_area_with_its_name(board, estate):
    tags = {dag["tags"][0] for dag in estate.standalone.call("/map")["dags"] if dag["tags"]}
    open_map(board)
    names = board.page.locator("[data-zone]")
    assert {name for name in names.evaluate_all("all => all.map(one => one.dataset.zone)")} == tags
    assert board.page.locator("path[data-id^='tag:']").count() == names.count()
    assert board.page.evaluate(OVERLAPS, f"{SIGN}, [data-zone]")[1] == 0
    zoom_to(board, "mid")
    assert names.count() == 0


def test_a_sign_says_what_needs_somebody_and_leads_to_the_dag(board):
    open_map(board)
    sign = board.page.locator("[data-id='dag:broken']")
    assert sign.get_attribute("data-look") == "failed"
    assert sign.get_attribute("aria-label") == "broken: failed"
    sign.focus()
    board.page.keyboard.press(" ")
    board.page.get_by_role("complementary").get_by_role("heading", name="broken").wait_for()
    assert "focus=dag%3Abroken" in board.page.url


def test_nothing_serious_stands_in_the_way_of_anybody(board, estate):
    found = {}
    for path in ("/", f"/?at={estate.before}", "/?focus=dag:chain", "/wall"):
        open_map(board, path)
        if violations := board.violations():
            found[path] = violations
    assert found == {}


def test_the_wall_goes_to_what_failed_and_back(board):
    board.page.clock.install()
    board.open("/wall")
    page = board.page
    halt = page.locator("[data-halt]")
    halt.wait_for()
    assert page.get_by_role("navigation").count() == 0
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
    assert halt.get_attribute("data-halt") == "whole"
    assert page.get_by_role("heading", level=1).inner_text() != ""
    seen = set()
    for _ in range(14):
        page.clock.run_for(14_100)
        seen.add(halt.get_attribute("data-halt"))
        if halt.get_attribute("data-halt") == "dag:broken":
            page.get_by_role("region", name="What is shown").get_by_text("alone: failed").wait_for()
    assert {"whole", "dag:broken"} <= seen
    page.keyboard.press("Escape")
    page.get_by_role("navigation", name="Screens").wait_for()
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "light"


def save(board, kind, path):
    board.page.get_by_role("button", name="Save the map").click()
    with board.page.expect_download() as download:
        board.page.get_by_role("menuitem", name=f"Save as {kind}").click()
    assert download.value.suggested_filename == f"signalbox-map.{kind.lower()}"
    download.value.save_as(path)
    return path.read_bytes()


def test_the_map_is_saved_as_pictures(board, tmp_path):
    open_map(board)
    png = save(board, "PNG", tmp_path / "map.png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert 1500 < width <= 8192 and 700 < height <= 8192
    assert len(png) > 50_000, "there is something on it"
    svg = save(board, "SVG", tmp_path / "map.svg").decode()
    assert svg.startswith("<svg") and "recommendation_ranking" in svg
    assert "class=" not in svg and "<style" not in svg


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_the_film_shows_a_past_state_and_leads_back(board, estate):
    estate.standalone.wait_for_run("chain", "r")
    run = estate.standalone.call("/dags/chain/dagRuns/r")
    middle = moment(run["start_date"]) + (moment(run["end_date"]) - moment(run["start_date"])) / 4
    page = board.page
    station = page.locator("[data-id='job:chain/first']")

    def shows(at, look):
        open_map(board, f"/?focus=job:chain/first&at={at}")
        page.locator(f"[data-id='job:chain/first'][data-look={look}]").wait_for()

    shows(estate.before, "none")
    shows(middle.isoformat().replace("+00:00", "Z"), "running")
    film = page.get_by_role("region", name="Film of two weeks")
    film.get_by_text("Past", exact=True).wait_for()
    assert page.locator("[data-time=past]").count() == 1
    assert page.get_by_role("button", name="Clear").count() == 0, "the past is not changed"
    film.get_by_role("button", name="Play the film").click()
    page.locator("[data-id='job:chain/first'][data-look=success]").wait_for()
    film.get_by_role("button", name="Live").click()
    page.locator("[data-time=live]").wait_for()
    assert station.get_attribute("data-look") == "success"
    assert "at=" not in page.url


def test_the_film_goes_on_into_the_forecast(board, estate):
    runs = estate.standalone.call("/forecast?dag_id=orders_daily&horizon=7d&with_jobs=true&limit=1000")["runs"]
    job = next(run for run in runs if run["state"] == "coming")["jobs"][0]
    middle = moment(job["start"]) + (moment(job["end"]) - moment(job["start"])) / 2
    station = f"job:orders_daily/{job['job_id']}"
    page = board.page
    open_map(board, f"/?focus={station}")
    page.locator(f"[data-id='{station}']:not([data-look=running])").wait_for()
    open_map(board, f"/?focus={station}&at={middle.isoformat().replace('+00:00', 'Z')}")
    page.get_by_role("region", name="Film of two weeks").get_by_text("Forecast", exact=True).wait_for()
    page.locator(f"[data-id='{station}'][data-look=running]").wait_for()
    page.get_by_text(f"A cluster at work on {job['display_name']}").first.wait_for(state="attached")
    assert page.get_by_role("button", name="Clear").count() == 0, "what is only expected is not changed"


def stations(run):
    return {f"job:{job['dag_id']}/{job['job_id']}" for job in run["critical_path"]}


def open_critical_path(board, is_wanted):
    """The map with the path of the wanted run that is open for longest, and its stations when the map was there.
    A run ends, and its path becomes shorter, while one looks at it: then another one is taken."""
    server = board.server

    def runs():
        latest = {(dag["dag_id"], dag["run"]["dag_run_id"]) for dag in server.call("/map")["dags"] if dag["run"]}
        return [
            run for run in server.call("/forecast?limit=1000")["runs"]
            if run["state"] == "running" and (run["dag_id"], run["dag_run_id"]) in latest and is_wanted(stations(run))
        ]

    def shown():
        found = max(runs(), key=lambda run: run["finish_p50"] or "", default=None)
        if found is None:
            return None
        open_map(board, f"/?focus=dag:{found['dag_id']}&way=critical")
        try:
            board.page.locator("g[data-lit]").first.wait_for(state="attached", timeout=5_000)
        except playwright.sync_api.TimeoutError:
            return None  # the run has ended
        path = stations(server.call(f"/dags/{found['dag_id']}/dagRuns/{found['dag_run_id']}/forecast"))
        lit = set(board.page.locator("g[data-lit]").evaluate_all("all => all.map(one => one.dataset.id)"))
        return (path, lit) if is_wanted(path) and path == {one for one in lit if ">" not in one} else None

    return eventually(shown, bool)


def test_the_critical_path_is_lit(board):
    path, lit = open_critical_path(board, lambda found: len(found) > 1)
    page = board.page
    assert len(lit) > len(path), "and the tracks between its stations"
    eventually(lambda: page.locator("g[data-kind][data-dim]").count(), lambda count: count > len(lit))
    listed = page.get_by_role("region", name=re.compile("What decides when it ends|Why it is late")).get_by_role("listitem")
    assert listed.count() > 1
    assert re.search(r"ends \S", listed.first.inner_text())


def test_a_critical_path_of_one_station_is_that_station_lit(board):
    path, lit = open_critical_path(board, lambda found: len(found) == 1)
    assert lit == path
    eventually(lambda: board.page.locator("g[data-kind][data-dim]").count(), lambda count: count > 10)
