"""Who logs out at the provider is logged out here (OpenID Connect Back-Channel Logout 1.0). oidc-provider sends its own
logout tokens; others are signed with its key, or not, and are wrong in one way each."""

import time

import pytest
import requests

from single_sign_on import Browser, log_out_at, needs_provider, own_site, provider, shared_site, site

__all__ = ["own_site", "provider", "shared_site", "site"]
pytestmark = needs_provider
EVENT = "http://schemas.openid.net/event/backchannel-logout"
PATH = "/auth/backchannel-logout"


def logged_in(site, user):
    browser = Browser(site)
    assert browser.log_in(user).status_code == 200
    assert browser.me().status_code == 200
    return browser


def post(site, token, **headers):
    return requests.post(site.server.url + PATH, data={"logout_token": token}, headers=headers, timeout=20)


@pytest.mark.parametrize("names_session", [True, False], ids=["of a session", "of a person"])
def test_a_logout_at_the_provider_ends_the_sessions_here(own_site, provider, names_session):
    site = own_site
    provider.control(backchannel={"uri": site.server.url + PATH, "session": names_session})
    first, second, other = logged_in(site, "ada"), logged_in(site, "ada"), logged_in(site, "bob")
    log_out_at(provider, first)
    assert first.me().status_code == 401
    # Her session in another browser is another one at the provider, too.
    assert second.me().status_code == (200 if names_session else 401)
    assert other.me().status_code == 200
    [*_, logout] = provider.control()["logouts"]
    assert logout["status"] == 200
    assert "logout of 'ada' at the provider of single sign-on" in site.audit()
    # She may log in again, and her logout does not come a second time.
    again = logged_in(site, "ada")
    replayed = post(site, logout["token"])
    assert replayed.status_code == 400 and "used before (jti)" in replayed.text
    assert again.me().status_code == 200
    assert "a logout by single sign-on" in site.audit("&refused=true")


def test_sessions_end_after_a_restart_too(own_site, provider):
    site = own_site
    provider.control(backchannel={"uri": site.server.url + PATH, "session": True})
    browser = logged_in(site, "ada")
    site.server.stop()
    site.start()
    assert browser.me().status_code == 200
    # Another port now: the token is carried there by hand.
    log_out_at(provider, browser)
    [*_, logout] = provider.control()["logouts"]
    assert logout["status"] is None and post(site, logout["token"]).status_code == 200
    assert browser.me().status_code == 401


def claims_of(issuer, **changes):
    now = int(time.time())
    claims = {"iss": issuer, "aud": "signalbox", "sub": "ada", "jti": f"j-{time.monotonic_ns()}", "iat": now,
              "exp": now + 120, "events": {EVENT: {}}}
    return {name: value for name, value in (claims | changes).items() if value is not None}


def test_a_token_that_is_right_ends_all_of_a_persons_sessions(site, provider):
    browser, other = logged_in(site, "ada"), logged_in(site, "bob")
    reply = post(site, provider.control(sign={"claims": claims_of(provider.issuer)})["signed"])
    assert reply.status_code == 200 and "no-store" in reply.headers["Cache-Control"]
    assert browser.me().status_code == 401 and other.me().status_code == 200
    # Of whom nobody is here there is nothing to end.
    stranger = claims_of(provider.issuer, sub="nobody")
    assert post(site, provider.control(sign={"claims": stranger})["signed"]).status_code == 200


@pytest.mark.parametrize("changes, words", [
    ({"iss": "https://evil.example"}, "which is not ours"),
    ({"aud": "another"}, "another client than ours (aud)"),
    ({"iat": 1_000_000_000, "exp": None}, "too old"),
    ({"exp": 1_000_000_000}, "has expired"),
    ({"iat": None}, "(iat, exp)"),
    ({"jti": None}, "(jti)"),
    ({"events": None}, "(events)"),
    ({"events": {"https://evil.example": {}}}, "(events)"),
    ({"nonce": "n"}, "nonce"),
    ({"sub": None}, "(sub, sid)"),
], ids=lambda value: value if isinstance(value, str) else "-".join(value))
def test_a_token_that_is_not_right_ends_nothing(own_site, provider, changes, words):
    browser = logged_in(own_site, "ada")
    signed = provider.control(sign={"claims": claims_of(provider.issuer, **changes)})["signed"]
    reply = post(own_site, signed)
    assert reply.status_code == 400 and words in reply.json()["detail"], reply.text
    assert browser.me().status_code == 200


@pytest.mark.parametrize("kind, words", [
    ("none", "signed with 'none'"),
    ("hs256", "signed with 'HS256'"),
    ("other-key", "signature is wrong"),
    ("unknown-kid", "has no key"),
])
def test_a_token_that_the_provider_did_not_sign_ends_nothing(own_site, provider, kind, words):
    browser = logged_in(own_site, "ada")
    forged = provider.control(sign={"claims": claims_of(provider.issuer), "kind": kind})["signed"]
    reply = post(own_site, forged)
    assert reply.status_code == 400 and words in reply.json()["detail"], reply.text
    assert browser.me().status_code == 200


def test_what_is_no_logout_token_ends_nothing(own_site, provider):
    site = own_site
    browser = logged_in(site, "ada")
    good = provider.control(sign={"claims": claims_of(provider.issuer)})["signed"]
    # Another site's page may post a form as well.
    assert post(site, good, Origin="https://evil.example").status_code == 403
    url = site.server.url + PATH
    assert requests.post(url, json={"logout_token": good}, timeout=20).status_code == 415
    assert requests.post(url, data={"token": good}, timeout=20).status_code == 400
    assert requests.get(url, params={"logout_token": good}, timeout=20).status_code == 401
    assert post(site, "").status_code == 400 and post(site, "x" * 70_000).status_code in (400, 413)
    assert browser.me().status_code == 200
    assert post(site, good).status_code == 200
    assert browser.me().status_code == 401


def test_strangers_cannot_use_up_the_looks_for_new_keys_that_logins_need(own_site, provider):
    site = own_site
    logged_in(site, "ada")
    forged = [provider.control(sign={"claims": claims_of(provider.issuer), "kind": "unknown-kid"})["signed"] for _ in range(8)]
    before = provider.asked("/jwks")
    assert {post(site, token).status_code for token in forged} == {400}
    assert provider.asked("/jwks") - before <= 5
    provider.control(rotate=True)
    assert Browser(site).log_in("ada").status_code == 200


def test_who_sends_many_wrong_ones_waits(own_site):
    replies = [post(own_site, "x") for _ in range(30)]
    assert {reply.status_code for reply in replies[:20]} == {400}
    assert 429 in {reply.status_code for reply in replies[20:]}
