"""`signalbox login --sso`: a person logs in in a browser, and carries a code to the terminal. And what the ID token leaves
out of them, which the provider tells at its userinfo endpoint."""

import contextlib
import html
import json
import re
import subprocess
from datetime import datetime, timezone

import pytest
import requests

from processes import clean_environment, signalbox_path
from single_sign_on import COOKIE, Browser, log_out_at, needs_provider, own_site, provider, refused, shared_site, site

__all__ = ["own_site", "provider", "shared_site", "site"]
pytestmark = needs_provider
# RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@contextlib.contextmanager
def terminal(site):
    """`signalbox login --sso`, which waits for its code; and the query of the address that it shows."""
    command = subprocess.Popen(
        [signalbox_path(), "login", "--sso", "--state-dir", str(site.state)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
    try:
        shown = ""
        while "/auth/login" not in shown:
            line = command.stderr.readline()
            assert line, shown
            shown += line
        url = re.search(r"http\S+", shown).group(0)
        assert url.startswith(site.server.url + "/auth/login?terminal=")
        yield command, "?" + url.partition("?")[2]
    finally:
        command.kill()
        command.wait(timeout=10)


def code_on(page):
    assert page.status_code == 200, page.text
    return html.unescape(re.search(r"<code>([^<]+)</code>", page.text).group(1))


def exchange(site, code, verifier=VERIFIER):
    return requests.post(
        site.server.url + "/auth/token/sso", json={"code": code, "code_verifier": verifier}, timeout=20)


def me(site, token):
    return requests.get(site.server.url + "/api/v2/me", headers={"Authorization": f"Bearer {token}"}, timeout=20)


def test_a_terminal_gets_a_token_for_the_code_of_the_browser(site):
    browser = Browser(site)
    with terminal(site) as (command, query):
        page = browser.log_in("ada", query)
        assert "no-store" in page.headers["Cache-Control"] and "as 'ada', with the role operator" in html.unescape(page.text)
        # The browser itself is not logged in by it.
        assert COOKIE not in browser.session.cookies.keys()
        token, said = command.communicate(code_on(page) + "\n", timeout=30)
    assert command.returncode == 0, said
    known = me(site, token.strip()).json()
    assert (known["name"], known["role"], known["means"]) == ("ada", "operator", "session")
    who = subprocess.run([signalbox_path(), "whoami", "--server", site.server.url], capture_output=True, text=True,
                         env=clean_environment(SIGNALBOX_TOKEN=token.strip()), timeout=30)
    assert who.returncode == 0 and "ada" in who.stdout, who
    assert "login of 'ada' by single sign-on" in site.audit()
    assert token.strip() not in (site.folder / "server.log").read_text()


def test_a_code_is_good_once_and_for_its_terminal_alone(own_site):
    site = own_site
    code = code_on(Browser(site).log_in("ada", f"?terminal={CHALLENGE}"))
    token = exchange(site, code).json()["access_token"]
    assert me(site, token).status_code == 200
    assert exchange(site, code).status_code == 401
    # Who finds a code has no verifier, and uses it up by trying.
    code = code_on(Browser(site).log_in("ada", f"?terminal={CHALLENGE}"))
    stolen = exchange(site, code, "another-verifier-of-forty-three-characters-")
    assert stolen.status_code == 401 and "begin again" in stolen.json()["detail"]
    assert exchange(site, code).status_code == 401
    assert exchange(site, "").status_code == 401
    assert "the code is not valid" in site.audit("&refused=true")
    site.server.stop()
    site.start()
    assert me(site, token).status_code == 200  # a session as any other


def test_a_terminals_session_is_as_short_as_a_browsers_and_ends_with_it(own_site, provider):
    site = own_site
    provider.control(backchannel={"uri": site.server.url + "/auth/backchannel-logout", "session": True})
    browser = Browser(site)
    granted = exchange(site, code_on(browser.log_in("ada", f"?terminal={CHALLENGE}"))).json()
    left = datetime.fromisoformat(granted["expires_at"]) - datetime.now(timezone.utc)
    assert 7.9 * 3600 < left.total_seconds() <= 8 * 3600
    pending = code_on(browser.log_in("ada", f"?terminal={CHALLENGE}"))
    log_out_at(provider, browser)
    assert me(site, granted["access_token"]).status_code == 401
    assert exchange(site, pending).status_code == 401


def test_who_has_no_role_here_gets_no_code(own_site):
    site = own_site
    page = Browser(site).log_in("eve", f"?terminal={CHALLENGE}")
    refused(page, 403, "none of your groups")
    assert "<code>" not in page.text


def test_the_address_takes_a_challenge_alone(own_site):
    browser = Browser(own_site)
    for bad in ("", "x", CHALLENGE[:-1], CHALLENGE + "%22%3E%3Cb%3E"):
        refused(browser.begin(f"?terminal={bad}"), 400, "'terminal' must be a challenge")
    refused(browser.begin(f"?terminal={CHALLENGE}&next=/"), 400, "exclude each other")


def test_login_says_what_it_needs(own_site):
    for arguments, words in ((["login"], "--sso"), (["login", "ada", "--sso"], "--sso")):
        done = own_site.run(*arguments, stdin="")
        assert done.returncode == 2 and words in done.stderr, done


def test_groups_that_only_the_userinfo_endpoint_tells_count(own_site, provider):
    provider.control(userinfo=True)
    before = provider.asked("/me")
    browser = Browser(own_site)
    assert browser.log_in("ada").status_code == 200
    assert provider.asked("/me") == before + 1
    known = browser.me().json()
    assert (known["name"], known["role"]) == ("ada", "operator")
    # It is asked for what is missing alone.
    provider.control(userinfo=False)
    assert Browser(own_site).log_in("bob").status_code == 200
    assert provider.asked("/me") == before + 1


@pytest.mark.parametrize("answer, status, words", [
    ({"text": json.dumps({"sub": "bob", "preferred_username": "ada", "groups": ["root"]})}, 403, "somebody else (sub)"),
    ({"text": json.dumps({"preferred_username": "ada", "groups": ["root"]})}, 403, "somebody else (sub)"),
    ({"text": "[]"}, 403, "no JSON object"),
    ({"status": 401}, 503, "userinfo"),
    ({"status": 500}, 503, "userinfo"),
    ({"bytes": 2_000_000}, 503, "cannot be asked"),
    ({"silent": True}, 503, "cannot be asked"),
], ids=["another", "nobody", "no object", "401", "500", "large", "silent"])
def test_an_answer_about_somebody_else_lets_nobody_in(own_site, provider, answer, status, words):
    provider.control(userinfo=True, answer={"/me": answer})
    browser = Browser(own_site)
    refused(browser.log_in("ada"), status, words)
    assert browser.me().status_code == 401 and "ada" not in own_site.users()


def test_a_code_for_nobody_costs_its_sender(own_site):
    statuses = [exchange(own_site, "x").status_code for _ in range(30)]
    assert set(statuses[:20]) == {401} and 429 in statuses[20:]
