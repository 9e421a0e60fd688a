"""Debian's Chromium on the board of a server: logged in, with what it complains about kept."""

import contextlib
import shutil

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

CHROMIUM = shutil.which("chromium")
# Browsers report each answer that is a refusal: who asks is nobody before the login, and a run may end
# while its forecast is asked for.
EXPECTED = (("/api/v2/me", "401"), ("/api/v2/auth/login", "401"), ("/forecast", "404"))


@contextlib.contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def make_user(server, name, role):
    """Their password."""
    first = server.call("/users", {"name": name, "role": role})["one_time_password"]
    password = "quite long, and only for tests"
    server.fetch("/auth/password", {"username": name, "password": first, "new_password": password})
    return password


class Board:
    """A tab of somebody who looks at `server`."""

    def __init__(self, browser, server, theme="light", size=(1440, 900)):
        self.server = server
        self.context = browser.new_context(
            color_scheme=theme, viewport={"width": size[0], "height": size[1]},
            timezone_id="Europe/Istanbul", reduced_motion="reduce",
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _on_console(self, message):
        url = message.location["url"]
        is_expected = any(url.endswith(path) and status in message.text for path, status in EXPECTED)
        if message.type in ("error", "warning") and not is_expected:
            self.complaints.append(f"{message.text} ({url})")

    def open(self, path):
        self.page.goto(self.server.url + path)

    def log_in(self, name, password):
        """With the session of an earlier tab, if there is one: a password is slow to check, on purpose."""
        known = vars(self.server).setdefault("board_sessions", {})
        self.context.add_cookies(known.get(name, []))
        self.open("/")
        if name not in known:
            self._fill_in(name, password)
            known[name] = self.context.cookies()
        self.page.get_by_role("button", name=name).wait_for()

    def _fill_in(self, name, password):
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).click()
        self.page.get_by_role("button", name=name).wait_for()

    def settle(self):
        """Until the screen is there, with all that it asks for."""
        self.page.locator("main h1, main svg[role=group], main [role=alert]").first.wait_for()
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0, timeout=20_000)

    def station(self, dag, job):
        return self.page.locator(f"[data-id='job:{dag}/{job}']")

    def violations(self):
        """What axe finds serious on the page."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {node['html'][:160]}"
            for one in found if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    def close(self):
        self.context.close()
