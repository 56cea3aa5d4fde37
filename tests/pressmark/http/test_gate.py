"""Who has access, with which token or cookie, and the answers to everybody else."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Message, Scope

from pressmark.http.etags import matches
from pressmark.http.gate import Gate, is_foreign, is_local
from pressmark.http.sessions import COOKIE, Sessions
from pressmark.http.stage.seals import LASTS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TOKEN, FEEDS = "a token of some length", "a token for feeds alone"
SESSIONS = Sessions(TOKEN, now=lambda: NOW)
BEARER, SESSION = f"Bearer {TOKEN}", f"{COOKIE}={SESSIONS.cookie()}"
FOREIGN = "https://evil.example"


def basic(password: str) -> str:
    return "Basic " + b64encode(f"anybody:{password}".encode()).decode()


def ask(method: str, path: str, *, sessions: Sessions | None = SESSIONS, **headers: str) -> tuple[int, Headers]:
    """Return the answer of a gate before an app that answers 200 to everything."""
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": fields}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Gate(PlainTextResponse("in"), sessions, FEEDS)(scope, receive, send))
    return sent[0]["status"], Headers(raw=sent[0]["headers"])


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/login", "/language", "/static/style.css"])
def test_public_paths_need_no_token(path: str) -> None:
    assert ask("GET", path)[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/api/v1/runs"), ("POST", "/api/v1/runs"), ("GET", "/warcs/a.warc.gz"), ("OPTIONS", "/")],
)
def test_all_other_paths_need_a_token(method: str, path: str) -> None:
    assert ask(method, path)[0] == 401
    for wrong in ("Bearer wrong", f"Other {TOKEN}", basic("wrong"), "Basic %", BEARER + "x"):
        assert ask(method, path, authorization=wrong)[0] == 401
    for right in (BEARER, f"bearer  {TOKEN} ", basic(TOKEN)):
        assert ask(method, path, authorization=right)[0] == 200
    assert ask(method, path, cookie=SESSION)[0] == 200
    assert ask(method, path, cookie=SESSION, authorization="Bearer wrong")[0] == 401


def test_a_browser_may_ask_before_login_whether_it_may_read_warcs() -> None:
    assert ask("OPTIONS", "/warcs/a.warc.gz", origin=FOREIGN)[0] == 200
    assert ask("HEAD", "/warcs/a.warc.gz", origin=FOREIGN)[0] == 401


def test_only_a_page_leads_to_the_login() -> None:
    status, headers = ask("GET", "/captures", accept="text/html", host="archive.example")

    assert (status, headers["location"]) == (303, "/login?next=/captures")
    assert ask("POST", "/captures", accept="text/html")[0] == 401
    assert ask("GET", "/api/v1/runs", accept="text/html")[0] == 401
    assert ask("GET", "/captures", accept="application/json")[0] == 401


def test_feed_readers_get_a_password_challenge() -> None:
    bearer = 'Bearer realm="pressmark"'

    assert ask("GET", "/api/v1/runs")[1]["www-authenticate"] == bearer
    assert (
        ask("GET", "/api/v1/feeds/all")[1]["www-authenticate"] == f'{bearer}, Basic realm="pressmark", charset="UTF-8"'
    )


def test_the_feed_token_only_reads_feeds() -> None:
    for given in (basic(FEEDS), f"Bearer {FEEDS}"):
        assert ask("GET", "/api/v1/feeds/all", authorization=given)[0] == 200
        assert ask("HEAD", "/api/v1/feeds/all", authorization=given)[0] == 200
        assert ask("POST", "/api/v1/feeds/all", authorization=given)[0] == 401
        assert ask("GET", "/api/v1/runs", authorization=given)[0] == 401
    assert ask("GET", "/api/v1/feeds/all", authorization=basic("wrong"))[0] == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_of_another_origin_may_read_and_change_nothing(method: str) -> None:
    asked = {"origin": FOREIGN, "host": "localhost", "authorization": BEARER}

    assert ask(method, "/api/v1/runs", **asked)[0] == 403
    assert ask(method, "/api/v1/runs", sessions=None, origin=FOREIGN, host="localhost")[0] == 403
    assert [ask(safe, "/api/v1/runs", **asked)[0] for safe in ("GET", "HEAD", "OPTIONS")] == [200, 200, 200]


def test_without_a_token_only_this_machine_has_access() -> None:
    assert ask("GET", "/", sessions=None, host="localhost:8600")[0] == 200
    assert ask("GET", "/", sessions=None, host="evil.example")[0] == 421
    assert ask("GET", "/", sessions=None)[0] == 421
    assert ask("GET", "/healthz", sessions=None, host="evil.example")[0] == 200


def test_every_answer_forbids_archived_content_to_run() -> None:
    for status, headers in (ask("GET", "/"), ask("GET", "/", authorization=BEARER)):
        assert status in (401, 200)
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"


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
def test_a_forged_session_is_invalid(cookie: str) -> None:
    assert not Sessions("a token of some length", now=lambda: NOW).valid(cookie)


def test_a_session_ends_with_its_token() -> None:
    cookie = f"{COOKIE}={Sessions('the token of yesterday', now=lambda: NOW).cookie()}"

    assert not Sessions("the token of today", now=lambda: NOW).valid(cookie)


def test_everybody_waits_after_many_wrong_tokens() -> None:
    now = NOW
    sessions = Sessions("a token of some length", now=lambda: now)
    for _ in range(10):
        assert not sessions.wait()
        sessions.failed()
    assert sessions.wait()

    now += timedelta(minutes=6)
    assert sessions.wait() == timedelta()


def test_etags_are_compared_weakly() -> None:
    assert matches('W/"a", "b"', '"a"')
    assert matches("*", '"a"')
    assert not matches('"b"', '"a"')
