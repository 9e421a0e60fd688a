"""Single sign-on through the real program. The judge is the npm package oidc-provider (tools/oidc-setup): its pages
are gone through by a scripted browser, and its tokens are made wrong in one way each."""

import contextlib
import html
import json
import re
import socket
import subprocess
import sys
import time
import urllib.parse

import pytest
import requests

import browsers
from processes import EmulatorProcess, StandaloneProcess, clean_environment, eventually, signalbox_path, write_project
from single_sign_on import (
    COOKIE,
    DISCOVERY,
    SECRET,
    Browser,
    Site,
    attacked_site,
    form_of,
    many_refusals,
    needs_provider,
    own_site,
    provider,
    refused,
    settings,
    shared_site,
    site,
)

__all__ = ["attacked_site", "many_refusals", "own_site", "provider", "shared_site", "site"]
PASSWORD = "four quite usual words"
pytestmark = needs_provider


def test_a_person_logs_in_and_their_groups_say_what_they_may_do(site):
    browser = Browser(site)
    page = browser.log_in("ada")
    assert page.status_code == 200 and "You are 'ada'" in html.unescape(page.text), page.text
    me = browser.me().json()
    assert (me["name"], me["role"], me["scopes"], me["means"]) == ("ada", "operator", [["dag:a_*"]], "session")
    assert browser.session.get(site.server.url + "/api/v2/dags", timeout=20).json()["dags"] == []
    assert browser.session.get(site.server.url + "/api/v2/users", timeout=20).status_code == 403
    user = site.users()["ada"]
    assert user["role"] == "operator" and not user["has_password"]
    assert "by single sign-on" in site.audit()
    admin = Browser(site)
    assert admin.log_in("bob").status_code == 200
    assert admin.session.get(site.server.url + "/api/v2/dags", timeout=20).json()["dags"]
    assert admin.session.get(site.server.url + "/api/v2/users", timeout=20).status_code == 200
    log = (site.folder / "server.log").read_text()
    assert SECRET not in log and "code=" not in log


@pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed: tools/setup")
def test_the_board_leads_to_the_provider_and_back_and_out_again(site):
    with browsers.chromium() as chromium:
        board = browsers.Board(chromium, site.server)
        page = board.page
        board.open("/dags")
        page.get_by_role("link", name="single sign-on").click()
        page.locator("[name=login]").fill("bob")
        page.locator("[name=password]").fill("any")
        page.locator("[type=submit]").click()
        page.locator("[type=submit]", has_text="Continue").click()
        page.get_by_role("heading", name="DAGs").wait_for()
        assert page.url.endswith("/dags")
        page.get_by_role("button", name="bob").click()
        page.get_by_role("menuitem", name="Log out").click()
        page.wait_for_url("**/session/end**")
        board.open("/dags")
        page.get_by_label("Name").wait_for()
        board.close()


def test_what_browsers_are_told_is_safe(site):
    browser = Browser(site)
    begun = browser.begin("?next=/api/v2/dags")
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(begun.headers["Location"]).query))
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert asked["response_type"] == "code" and "openid" in asked["scope"].split()
    assert len(asked["state"]) == 43 and len(asked["nonce"]) == 43
    flow = begun.headers["Set-Cookie"]
    assert "HttpOnly" in flow and "SameSite=Lax" in flow and "Max-Age=600" in flow
    assert asked["state"] not in flow and asked["nonce"] not in flow
    page = browser.log_in("ada", "?next=/api/v2/dags")
    assert 'content="0;url=/api/v2/dags"' in page.text
    assert "no-store" in page.headers["Cache-Control"] and "default-src 'self'" in page.headers["Content-Security-Policy"]
    session = [text for text in re.split(r", (?=signalbox-)", page.headers["Set-Cookie"]) if COOKIE + "=" in text]
    assert "HttpOnly" in session[0] and "SameSite=Strict" in session[0]
    assert COOKIE + "-login=;" in page.headers["Set-Cookie"]
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example", "%09//evil.example", "javascript:1"):
        refused(browser.begin("?next=" + elsewhere), 400, "'next' must be a path of this server")
    assert browser.session.head(page.url, timeout=20).status_code == 405


def test_a_session_from_before_the_login_is_worth_nothing(site):
    browser = Browser(site)
    browser.session.cookies.set(COOKIE, "sbs_planted_by_somebody", domain="127.0.0.1", path="/")
    assert browser.log_in("ada").status_code == 200
    first = browser.session.cookies.get(COOKIE)
    assert first.startswith("sbs_") and "planted" not in first
    assert browser.log_in("ada").status_code == 200
    assert browser.session.cookies.get(COOKIE) != first


def test_an_answer_that_belongs_to_another_login_is_refused(own_site):
    site, browser = own_site, Browser(own_site)
    url = browser.callback("ada")
    changed = re.sub(r"state=[^&]+", "state=" + "x" * 43, url)
    refused(browser.get(changed), 400, "another login (state)")
    url = browser.callback("ada")
    refused(browser.get(re.sub(r"&?state=[^&]+", "", url)), 400, "another login (state)")
    # Another browser does not have the first half of the login.
    refused(Browser(site).get(url), 400, "not begun in this browser")
    # Nor is anybody logged in by an answer that they did not ask for.
    stranger = Browser(site)
    stranger.begin()
    refused(stranger.get(url), 400, "another login (state)")
    url = browser.callback("ada")
    refused(browser.get(re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", url)), 400, "another provider")
    url = browser.callback("ada")
    refused(browser.get(re.sub(r"&iss=[^&]+", "", url)), 400, "another provider")
    assert browser.me().status_code == 401
    assert "ada" not in site.users()
    assert "another login (state)" in site.audit("&refused=true")


def test_a_code_and_a_state_are_good_once(own_site):
    browser = Browser(own_site)
    flows = []
    browser.session.hooks["response"].append(
        lambda reply, **_: flows.append(reply.headers.get("Set-Cookie", "")) if "/auth/login" in reply.url else None)
    url = browser.callback("ada")
    kept = re.search(rf"{COOKIE}-login=([^;]+)", flows[-1]).group(1)
    assert browser.get(url).status_code == 200
    refused(Browser(own_site).get(url), 400, "not begun in this browser")
    replayed = Browser(own_site)
    replayed.session.cookies.set(COOKIE + "-login", kept, domain="127.0.0.1", path="/")
    refused(replayed.get(url), 400, "used already (state)")
    # The provider's code in a login of one's own.
    code = re.search(r"code=([^&]+)", url).group(1)
    thief = Browser(own_site)
    own = re.sub(r"code=[^&]+", "code=" + code, thief.callback("bob"))
    refused(thief.get(own), 403, "invalid_grant")
    assert thief.me().status_code == 401


@pytest.mark.parametrize("spoil, words", [
    ({"kind": "claims", "claims": {"nonce": "x"}}, "another login (nonce)"),
    ({"kind": "claims", "claims": {"nonce": None}}, "another login (nonce)"),
    ({"kind": "claims", "claims": {"aud": "another"}}, "another client than ours (aud)"),
    ({"kind": "claims", "claims": {"aud": ["signalbox", "another"]}}, "for several clients"),
    ({"kind": "claims", "claims": {"azp": "another"}}, "(azp)"),
    ({"kind": "claims", "claims": {"iss": "https://evil.example"}}, "which is not ours"),
    ({"kind": "claims", "claims": {"sub": None}}, "(sub)"),
    ({"kind": "times", "times": {"iat": -120, "exp": -62}}, "has expired"),
    ({"kind": "times", "times": {"iat": 90, "exp": 900}}, "from the future"),
    ({"kind": "times", "times": {"iat": -3600, "exp": 900}}, "too old"),
    ({"kind": "times", "times": {"nbf": 90}}, "not valid yet"),
    ({"kind": "none"}, "signed with 'none'"),
    ({"kind": "hs256"}, "signed with 'HS256'"),
    ({"kind": "hs256-secret"}, "signed with 'HS256'"),
    ({"kind": "other-key"}, "signature is wrong"),
    ({"kind": "unknown-kid"}, "has no key"),
    ({"kind": "changed", "claims": {"groups": ["root"]}}, "signature is wrong"),
    ({"kind": "text", "text": "no token"}, "three parts"),
    ({"kind": "text", "text": "x" * 70_000}, "bytes"),
    ({"kind": "missing"}, "no ID token"),
], ids=lambda value: value if isinstance(value, str) else value["kind"])
def test_a_token_that_is_not_right_lets_nobody_in(attacked_site, provider, spoil, words):
    browser = Browser(attacked_site)
    url = browser.callback("ada")
    provider.control(spoil=spoil)
    refused(browser.get(url), 403, words)
    assert browser.me().status_code == 401


def test_clocks_may_differ_by_a_minute(site, provider):
    for times in ({"iat": -600, "exp": -40}, {"iat": 40, "exp": 900, "nbf": 40}):
        browser = Browser(site)
        url = browser.callback("ada")
        provider.control(spoil={"kind": "times", "times": times})
        assert browser.get(url).status_code == 200


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_each_kind_of_signature_is_taken(site, provider, alg):
    provider.control(alg=alg)
    browser = Browser(site)
    assert browser.log_in("ada").status_code == 200
    assert browser.me().status_code == 200


@pytest.mark.parametrize("auth", ["client_secret_post", "none"])
def test_the_client_shows_itself_as_the_provider_wants_it(tmp_path, provider, site, auth):
    provider.control(auth=auth)
    own = Site(tmp_path, provider.issuer, has_secret=auth != "none")
    try:
        assert Browser(own).log_in("ada").status_code == 200
    finally:
        own.stop()


def test_behind_a_proxy_the_browsers_host_counts(tmp_path, provider, site):
    own = Site(tmp_path, provider.issuer, "  trusted_proxies: 127.0.0.1\n  allowed_hosts: box.example\n")
    try:
        reply = requests.get(
            own.server.url + "/auth/login", allow_redirects=False, timeout=20,
            headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "box.example", "X-Forwarded-For": "192.0.2.1"})
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(reply.headers["Location"]).query))
        assert asked["redirect_uri"] == "https://box.example/auth/callback"
        cookie = reply.headers["Set-Cookie"]
        assert cookie.startswith("__Host-" + COOKIE + "-login=") and "; Secure" in cookie and "Path=/;" in cookie
        other = requests.get(
            own.server.url + "/auth/login", headers={"X-Forwarded-Host": "evil.example"}, allow_redirects=False, timeout=20)
        assert other.status_code == 403
    finally:
        own.stop()


def test_new_keys_are_read_once_and_not_too_often(own_site, provider):
    assert Browser(own_site).log_in("ada").status_code == 200
    described, before = provider.asked(DISCOVERY), provider.asked("/jwks")
    assert Browser(own_site).log_in("ada").status_code == 200
    assert provider.asked("/jwks") == before  # they are kept
    provider.control(rotate=True)
    assert Browser(own_site).log_in("ada").status_code == 200
    assert provider.asked("/jwks") == before + 1
    provider.control(spoil={"kind": "unknown-kid"})
    for _ in range(7):
        refused(Browser(own_site).log_in("ada"), 403, "has no key")
    # Five in a minute, of which the rotation was one.
    assert provider.asked("/jwks") == before + 5
    provider.control(spoil=None)
    assert Browser(own_site).log_in("ada").status_code == 200
    assert provider.asked(DISCOVERY) == described


def test_who_is_in_no_group_of_ours_is_told_so(site):
    browser = Browser(site)
    page = browser.log_in("eve")
    refused(page, 403, "none of your groups at the provider has a role here (others, <b>strange</b>)")
    assert "<b>strange" not in page.text
    assert browser.me().status_code == 401 and "eve" not in site.users()
    assert "as 'eve'" in site.audit("&refused=true")


def test_who_leaves_the_groups_loses_all_at_the_next_login(own_site, provider):
    site, browser = own_site, Browser(own_site)
    assert browser.log_in("bob").status_code == 200
    csrf = browser.me().json()["csrf_token"]
    made = browser.session.post(
        site.server.url + "/api/v2/tokens", json={"name": "script"}, headers={"X-CSRF-Token": csrf}, timeout=20)
    assert made.status_code == 201, made.text
    bearer = {"Authorization": "Bearer " + made.json()["token"]}
    assert requests.get(site.server.url + "/api/v2/me", headers=bearer, timeout=20).json()["role"] == "admin"
    # Less than before: the session goes, the token follows.
    provider.control(users={"bob": {"preferred_username": "bob", "groups": ["everybody"]}})
    again = Browser(site)
    assert again.log_in("bob").status_code == 200
    assert again.me().json()["role"] == "viewer"
    assert browser.me().status_code == 401
    assert requests.get(site.server.url + "/api/v2/me", headers=bearer, timeout=20).json()["role"] == "viewer"
    # Nothing any more.
    provider.control(users={"bob": {"preferred_username": "bob", "groups": []}})
    refused(Browser(site).log_in("bob"), 403, "of no group")
    eventually(again.me, lambda reply: reply.status_code == 401)
    assert requests.get(site.server.url + "/api/v2/me", headers=bearer, timeout=20).status_code == 401


def test_a_person_is_their_subject_and_nobody_is_taken_over(own_site, provider):
    site = own_site
    assert site.run("users", "create", "ada", "--role", "admin", "--without-password").returncode == 0
    refused(Browser(site).log_in("ada"), 403, "there is a user 'ada' here already")
    assert site.users()["ada"]["role"] == "admin"
    provider.control(users={"bob": {"preferred_username": "bob", "groups": ["everybody"]},
                            "two": {"preferred_username": "bob", "groups": ["root"]},
                            "odd": {"preferred_username": "Ümlaut name", "groups": ["root"]},
                            "api": {"preferred_username": "api", "groups": ["root"]}})
    assert Browser(site).log_in("bob").status_code == 200
    refused(Browser(site).log_in("two"), 403, "there is a user 'bob' here already")
    refused(Browser(site).log_in("odd"), 403, "cannot be a user's here")
    refused(Browser(site).log_in("api"), 403, "cannot be a user's here")
    # Another name at the provider is the same person.
    provider.control(users={"bob": {"preferred_username": "robert", "groups": ["everybody"]}})
    renamed = Browser(site)
    assert renamed.log_in("bob").status_code == 200
    assert renamed.me().json()["name"] == "bob" and set(site.users()) == {"ada", "bob"}
    # What the provider says of them is not for admins to change; whether they may come in is.
    assert site.run("users", "set-role", "bob", "admin").returncode != 0
    assert site.run("users", "reset-password", "bob").returncode != 0
    assert site.run("users", "disable", "bob").returncode == 0
    assert renamed.me().status_code == 401
    refused(Browser(site).log_in("bob"), 403, "is disabled")
    assert site.run("users", "enable", "bob").returncode == 0
    assert Browser(site).log_in("bob").status_code == 200


def test_a_logout_ends_the_session_here_and_at_the_provider(site):
    browser = Browser(site)
    assert browser.log_in("ada").status_code == 200
    url = site.server.url + "/auth/logout"
    assert browser.session.post(url, timeout=20).status_code == 403  # another site's page could ask so
    csrf = {"X-CSRF-Token": browser.me().json()["csrf_token"]}
    kept = browser.session.cookies.get(COOKIE)
    done = browser.session.post(url, headers=csrf, timeout=20)
    assert done.status_code == 200, done.text
    browser.session.cookies.set(COOKIE, kept, domain="127.0.0.1", path="/")
    assert browser.me().status_code == 401
    # The provider still knows them: without a further word they would be in again.
    page = browser.get(done.json()["end_session_url"])
    action, fields = form_of(page.text.replace("'", '"'))
    ended = browser.session.post(action, data=fields | {"logout": "yes"}, allow_redirects=False, timeout=20)
    assert ended.headers["Location"].startswith("http://127.0.0.1/bye"), ended.text
    reply = browser.begin()
    for _ in range(3):
        if "Location" in reply.headers:
            reply = browser.get(urllib.parse.urljoin(reply.url, reply.headers["Location"]))
    assert form_of(reply.text)[1]["prompt"] == "login"


def test_a_session_is_bounded_and_so_are_tokens(site):
    browser = Browser(site)
    assert browser.log_in("bob").status_code == 200
    sessions = browser.session.get(site.server.url + "/api/v2/sessions", timeout=20).json()["sessions"]
    from datetime import datetime, timedelta

    newest = max(sessions, key=lambda each: each["created_at"])
    begun, ends = (datetime.fromisoformat(newest[key]) for key in ("created_at", "expires_at"))
    assert ends - begun == timedelta(hours=8)
    csrf = {"X-CSRF-Token": browser.me().json()["csrf_token"]}
    long = browser.session.post(
        site.server.url + "/api/v2/tokens", json={"name": "x", "expires_in": "90d"}, headers=csrf, timeout=20)
    assert long.status_code == 422 and "30d" in long.text, long.text


def test_users_with_a_password_log_in_while_the_provider_is_down(own_site, provider):
    site = own_site
    once = site.run("users", "create", "kim").stdout.strip()
    assert site.run("users", "change-password", "kim", stdin=f"{once}\n{PASSWORD}\n").returncode == 0
    for answer in ({"status": 503}, {"text": "<html>"}, {"text": "[]"}, {"bytes": 2_000_000}, {"status": 302},
                   {"text": json.dumps({"issuer": "https://evil.example"})}):
        provider.control(answer={DISCOVERY: answer})
        refused(Browser(site).begin(), 503, "users with a password can log in with it")
        assert site.run("login", "kim", stdin=PASSWORD + "\n").stdout.startswith("sbs_")
    provider.control(answer={DISCOVERY: None})
    assert Browser(site).begin().status_code == 302
    # Half-way.
    for path, answer in (("/token", {"status": 503}), ("/token", {"bytes": 2_000_000}), ("/jwks", {"bytes": 2_000_000}),
                         ("/jwks", {"text": "{}"})):
        provider.control(answer={path: answer})
        refused(Browser(site).log_in("ada"), 503, "cannot be asked")
        provider.control(answer={path: None})
    provider.control(answer={"/token": {"text": "[]"}})
    refused(Browser(site).log_in("ada"), 403, "no ID token")


def test_a_provider_that_is_silent_holds_nobody_up(own_site, provider):
    site = own_site
    provider.control(answer={DISCOVERY: {"silent": True}})
    waiting = [subprocess.Popen(
        [sys.executable, "-c", "import sys, urllib.request, urllib.error\n"
         "try: urllib.request.urlopen(sys.argv[1], timeout=30)\n"
         "except urllib.error.HTTPError as e: print(e.code, e.read().decode())",
         site.server.url + "/auth/login"], stdout=subprocess.PIPE, text=True) for _ in range(5)]
    assert site.server.call("/version")  # meanwhile
    for process in waiting:
        said = process.communicate(timeout=30)[0]
        assert said.startswith("503") and "cannot be asked" in said, said
    provider.control(answer={DISCOVERY: None})
    assert Browser(site).log_in("ada").status_code == 200


def test_a_provider_that_is_gone_is_said_to_be(tmp_path):
    with contextlib.closing(socket.socket()) as closed:
        closed.bind(("127.0.0.1", 0))
        site = Site(tmp_path, f"http://127.0.0.1:{closed.getsockname()[1]}")
        try:
            refused(Browser(site).begin(), 503, "cannot be asked")
            assert site.server.call("/version")
        finally:
            site.stop()


def test_who_fails_often_waits_as_with_passwords(own_site):
    site = own_site
    browser = Browser(site)
    replies = [browser.get("/auth/callback?code=x&state=y") for _ in range(30)]
    assert {reply.status_code for reply in replies[:20]} == {400}
    refused(next(reply for reply in replies if reply.status_code == 429), 429, "too many logins have failed")
    # No login begins meanwhile, either.
    assert 429 in {browser.begin().status_code for _ in range(3)}


def test_a_deployment_without_single_sign_on_says_so(tmp_path):
    project = write_project(tmp_path / "project", "deployment: people\n", 1)
    emulator = EmulatorProcess(tmp_path)
    server = StandaloneProcess(project, tmp_path / "state", emulator)
    try:
        for path in ("/auth/login", "/auth/callback?code=x&state=y"):
            reply = requests.get(server.url + path, timeout=20)
            assert reply.status_code == 404 and "single sign-on is not set up" in reply.text
    finally:
        server.stop()
        emulator.stop()


def test_a_secret_that_is_not_there_stops_the_start(tmp_path, provider):
    project = write_project(tmp_path / "project", settings(provider.issuer), 1)

    def start(**environment):
        return subprocess.run(
            [signalbox_path(), "standalone", "--project", project, "--port", "0", "--state-dir", tmp_path / "state"],
            env=clean_environment(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_REGION="us-east-1",
                                  **environment),
            capture_output=True, text=True, timeout=30,
        )

    done = start()
    assert done.returncode == 6 and "environment has no variable SSO_SECRET" in done.stderr, done.stderr
    text = (project / "signalbox.yaml").read_text()
    (project / "signalbox.yaml").write_text(text.replace("env:SSO_SECRET", "file:client.secret"))
    done = start()
    assert done.returncode == 6 and "cannot read the secret in" in done.stderr, done.stderr
    (project / "signalbox.yaml").write_text(text.replace("env:SSO_SECRET", json.dumps(SECRET)))
    done = start()
    assert done.returncode == 3 and "env:NAME" in done.stderr and SECRET not in done.stderr, done.stderr


def test_who_logged_in_by_a_provider_that_is_no_longer_ours_is_out(own_site):
    site, browser = own_site, Browser(own_site)
    assert browser.log_in("ada").status_code == 200
    text = (site.project / "signalbox.yaml").read_text()
    (site.project / "signalbox.yaml").write_text(text.split("server:")[0])
    site.server.stop()
    site.start()
    assert browser.me().status_code == 401
