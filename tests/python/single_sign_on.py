"""A provider of OpenID Connect, the npm package oidc-provider (tools/oidc-setup); a Signalbox that takes its word; and a
scripted browser between the two. The fixtures are for tests to import."""

import html
import json
import re
import subprocess
import urllib.parse

import pytest
import requests

from processes import ROOT, EmulatorProcess, StandaloneProcess, clean_environment, signalbox_path, write_project

MODULES = ROOT / "build" / "oidc-provider"
SECRET = "a secret & more: 100%"
COOKIE = "signalbox-people"
DISCOVERY = "/.well-known/openid-configuration"

needs_provider = pytest.mark.skipif(
    not (MODULES / ".done").exists(), reason="no oidc-provider: tools/oidc-setup fetches it"
)


def node():
    found = subprocess.run([ROOT / "tools" / "node-setup"], capture_output=True, text=True, check=True)
    return f"{found.stdout.strip()}/node"


class Provider:
    def __init__(self, log):
        self.process = subprocess.Popen(
            [node(), ROOT / "tests/python/oidc/provider.mjs", MODULES],
            stdout=subprocess.PIPE, stderr=log, text=True, env=clean_environment(),
        )
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.issuer = line.removeprefix("listening on ").strip()

    def control(self, **settings):
        return requests.post(self.issuer + "/control", json=settings, timeout=10).json()

    def asked(self, path):
        return self.control()["counts"].get(path, 0)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()


def settings(issuer, more=""):
    return f"""
deployment: people
server:
  oidc:
    issuer: {issuer}
    client_id: signalbox
    client_secret: env:SSO_SECRET
    allow_http: true
    timeout: 2s
    post_logout_url: http://127.0.0.1/bye
    roles:
      - {{group: everybody, role: viewer}}
      - {{group: team-a, role: operator, scopes: ["dag:a_*"]}}
      - {{group: team-b, role: operator, scopes: ["tag:b"]}}
      - {{group: root, role: admin}}
{more}
"""


class Site:
    def __init__(self, folder, issuer, more="", has_secret=True):
        self.folder = folder
        text = settings(issuer, more)
        if not has_secret:
            text = text.replace("    client_secret: env:SSO_SECRET\n", "")
        self.project = write_project(folder / "project", text, 1)
        self.state = folder / "state"
        self.emulator = EmulatorProcess(folder)
        self.log = open(folder / "server.log", "wb")
        self.start()

    def start(self):
        self.server = StandaloneProcess(
            self.project, self.state, self.emulator, log=self.log, SSO_SECRET=SECRET
        )

    def run(self, *args, stdin=None):
        return subprocess.run(
            [signalbox_path(), *args, "--state-dir", str(self.state)],
            input=stdin, capture_output=True, text=True, timeout=30, env=clean_environment(),
        )

    def users(self):
        return {user["name"]: user for user in self.server.call("/users")["users"]}

    def audit(self, query=""):
        return json.dumps(self.server.call("/audit?limit=200" + query))

    def stop(self):
        self.server.stop()
        self.emulator.stop()
        self.log.close()


def form_of(page):
    """Where the page's form goes, and its hidden fields."""
    action = html.unescape(re.search(r'action="([^"]+)"', page).group(1))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return action, fields


class Browser:
    """Follows redirects between the two as a browser does, and stops at our callback."""

    def __init__(self, site):
        self.site = site
        self.session = requests.Session()

    def get(self, url):
        return self.session.get(urllib.parse.urljoin(self.site.server.url, url), allow_redirects=False, timeout=20)

    def begin(self, query=""):
        return self.get("/auth/login" + query)

    def callback(self, user, query=""):
        """The address that the provider sends the browser back to."""
        reply = self.begin(query)
        assert reply.status_code == 302, reply.text
        for _ in range(12):
            if "Location" in reply.headers:
                url = urllib.parse.urljoin(reply.url, reply.headers["Location"])
                if url.startswith(self.site.server.url + "/auth/callback"):
                    return url
                reply = self.get(url)
                continue
            assert reply.status_code == 200, reply.text
            action, fields = form_of(reply.text)
            if fields["prompt"] == "login":
                fields |= {"login": user, "password": "any"}
            reply = self.session.post(action, data=fields, allow_redirects=False, timeout=20)
        raise AssertionError("the provider never sent the browser back")

    def log_in(self, user, query=""):
        return self.get(self.callback(user, query))

    def me(self):
        return self.session.get(self.site.server.url + "/api/v2/me", timeout=20)


def log_out_at(provider, browser):
    """At the provider alone, as from another application's page."""
    page = browser.session.get(provider.issuer + "/session/end", timeout=20)
    action, fields = form_of(page.text.replace("'", '"'))
    done = browser.session.post(action, data=fields | {"logout": "yes"}, timeout=20)
    assert done.status_code == 200, done.text


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    with open(tmp_path_factory.mktemp("provider") / "provider.log", "wb") as log:
        started = Provider(log)
        yield started
        started.stop()


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory, provider):
    started = Site(tmp_path_factory.mktemp("sso"), provider.issuer)
    yield started
    started.stop()


@pytest.fixture
def site(shared_site, provider):
    """With the provider as it is by itself."""
    provider.control(
        spoil=None, alg="RS256", auth="client_secret_basic", userinfo=False, backchannel=None,
        answer={path: None for path in (DISCOVERY, "/token", "/jwks", "/me")},
        users={
            "ada": {"preferred_username": "Ada", "groups": ["team-a", "everybody"]},
            "bob": {"preferred_username": "bob", "groups": ["root"]},
            "eve": {"preferred_username": "eve", "groups": ["others", "<b>strange</b>"]},
        },
    )
    return shared_site


@pytest.fixture(scope="module")
def many_refusals(tmp_path_factory, provider):
    started = Site(tmp_path_factory.mktemp("attacked"), provider.issuer)
    yield started
    started.stop()


@pytest.fixture
def attacked_site(many_refusals, site):
    """Of those tests that have their address refused: from twenty on it waits."""
    return many_refusals


@pytest.fixture
def own_site(tmp_path, provider, site):
    """Of one test alone: an empty database, nothing asked yet, nobody has failed."""
    started = Site(tmp_path, provider.issuer)
    yield started
    started.stop()


def refused(reply, status, words):
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"].startswith("text/html")
    assert words in html.unescape(reply.text), reply.text
    assert COOKIE + "=" not in reply.headers.get("Set-Cookie", "").replace(COOKIE + "-login=", "")
