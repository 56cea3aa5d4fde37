"""Cookies that a browser saved are read from the two formats in use."""

from __future__ import annotations

import json

import pytest

from crawler.policy.session_cookies import SessionCookie, as_state, session_cookies, session_storage

LINES = """# Netscape HTTP Cookie File

www.example.org\tFALSE\t/a\tTRUE\t1893456000\tsession\ta=b
#HttpOnly_.Example.org\tTRUE\t/\tFALSE\t0\twide\t
"""
STATE = {
    "cookies": [
        {"name": "session", "value": "a=b", "domain": "www.example.org", "path": "/a", "expires": -1, "secure": True},
        {"name": "wide", "value": "", "domain": ".Example.org", "path": "/", "httpOnly": True, "sameSite": "Lax"},
    ],
    "origins": [],
}
BOTH = [
    SessionCookie("session", "a=b", "www.example.org", "/a", secure=True),
    SessionCookie("wide", "", ".example.org"),
]


@pytest.mark.parametrize("text", [LINES, json.dumps(STATE), json.dumps(STATE["cookies"]), as_state(BOTH)])
def test_each_format_gives_the_same_cookies(text: str) -> None:
    assert session_cookies(text) == BOTH


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "[]", "[1]", '{"cookies": 1}', "a=b", "{", "\0"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"it is|there are no cookies"):
        session_cookies(text)


@pytest.mark.parametrize(
    ("domain", "host", "gets"),
    [
        ("example.org", "example.org", True),
        ("example.org", "www.example.org", False),
        (".example.org", "www.example.org", True),
        (".example.org", "example.org", True),
        (".example.org", "badexample.org", False),
    ],
)
def test_a_cookie_is_for_its_host_and_with_a_dot_for_those_below(domain: str, host: str, gets: bool) -> None:
    assert SessionCookie("n", "v", domain).is_for(host) is gets


def test_the_storage_of_the_hosts_of_a_source_is_read_and_no_other() -> None:
    own, other = {"https://www.example.org": {"token": "a"}}, {"https://elsewhere.example": {"token": "b"}}
    text = as_state(BOTH, own | other)

    assert session_cookies(text) == BOTH
    assert session_storage(text, ["www.example.org"]) == own
    assert session_storage(LINES, ["www.example.org"]) == {}


@pytest.mark.parametrize("origins", [1, [1], [{"origin": "a", "localStorage": [{"name": "a"}]}]])
def test_a_storage_that_no_browser_wrote_is_refused(origins: object) -> None:
    with pytest.raises(ValueError, match="it is not a storage state of Playwright"):
        session_storage(json.dumps({"cookies": [], "origins": origins}), ["a"])
