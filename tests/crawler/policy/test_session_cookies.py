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


def test_a_state_has_the_storage_of_each_origin_and_may_have_nothing_else() -> None:
    kept = [
        {"origin": "https://WWW.example.org", "localStorage": [{"name": "token", "value": "t0psecret"}]},
        {"origin": "https://other.example", "localStorage": []},
    ]
    text = json.dumps({"cookies": [], "origins": kept})

    assert session_storage(text) == {"https://www.example.org": {"token": "t0psecret"}}
    assert session_cookies(text) == []
    assert session_storage(as_state([], session_storage(text))) == session_storage(text)
    assert session_storage(LINES) == session_storage(as_state(BOTH)) == {}


@pytest.mark.parametrize("origins", ["[1]", '[{"origin": "https://a.example"}]', '[{"localStorage": []}]', "1"])
def test_a_broken_storage_is_refused_without_its_content(origins: str) -> None:
    with pytest.raises(ValueError, match=r"^it is not a storage state of Playwright$"):
        session_storage(f'{{"cookies": [], "origins": {origins}}}')
