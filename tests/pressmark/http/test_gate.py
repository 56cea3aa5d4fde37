from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from starlette.datastructures import Headers

from pressmark.http.etags import matches
from pressmark.http.gate import is_foreign, is_local
from pressmark.http.sessions import COOKIE, Sessions
from pressmark.http.stage.seals import LASTS

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("host", ["localhost", "localhost:8600", "127.0.0.1:1", "127.9.9.9", "[::1]:8600", "LOCALHOST"])
def test_names_of_this_machine_are_local(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "x@localhost",
        "[::2]",
    ],
)
def test_other_names_are_not(host: str) -> None:
    assert not is_local(host)


def test_a_page_of_another_origin_is_foreign() -> None:
    assert is_foreign(Headers({"host": "localhost:8600", "origin": "https://evil.example"}))
    assert is_foreign(Headers({"host": "localhost:8600", "origin": "http://localhost:8601"}))
    assert is_foreign(Headers({"host": "localhost:8600", "origin": "null"}))
    assert is_foreign(Headers({"host": "localhost:8600", "sec-fetch-site": "cross-site"}))


def test_our_own_pages_and_other_clients_are_not_foreign() -> None:
    assert not is_foreign(Headers({"host": "localhost:8600", "origin": "http://localhost:8600"}))
    assert not is_foreign(Headers({"host": "localhost:8600"}))


def test_a_session_lasts_until_it_expires() -> None:
    now = NOW
    sessions = Sessions("a token of some length", now=lambda: now)
    cookie = f"other=1; {COOKIE}={sessions.cookie()}"
    assert sessions.valid(cookie)

    now += LASTS + timedelta(seconds=1)
    assert not sessions.valid(cookie)


@pytest.mark.parametrize(
    "cookie", ["", f"{COOKIE}=", f"{COOKIE}=99999999999.", f"{COOKIE}=99999999999.00ff", "=;=", "\x00"]
)
def test_a_forged_session_is_none(cookie: str) -> None:
    assert not Sessions("a token of some length", now=lambda: NOW).valid(cookie)


def test_a_session_ends_with_its_token() -> None:
    cookie = f"{COOKIE}={Sessions('the token of yesterday', now=lambda: NOW).cookie()}"

    assert not Sessions("the token of today", now=lambda: NOW).valid(cookie)


def test_after_many_wrong_tokens_everybody_waits() -> None:
    now = NOW
    sessions = Sessions("a token of some length", now=lambda: now)
    for _ in range(10):
        assert not sessions.wait()
        sessions.failed()
    assert sessions.wait()

    now += timedelta(minutes=6)
    assert not sessions.wait()


def test_etags_are_compared_weakly() -> None:
    assert matches('W/"a", "b"', '"a"')
    assert matches("*", '"a"')
    assert not matches('"b"', '"a"')
