"""Who has access, with which token or cookie, and the answers to everybody else."""

from __future__ import annotations

import pytest
from specimens.gates import BEARER, FEEDS, FOREIGN, TOKEN, House, basic
from starlette.datastructures import Headers

from pressmark.http.callers import caller_name
from pressmark.http.etags import matches
from pressmark.http.gate import is_foreign, is_local


@pytest.mark.parametrize(
    "asked", ["GET /healthz", "GET /readyz", "GET /login", "POST /login", "POST /language", "GET /static/1/style.css"]
)
def test_public_paths_need_no_token(house: House, asked: str) -> None:
    assert house.ask(*asked.split())[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/api/v1/runs"), ("POST", "/api/v1/runs"), ("GET", "/warcs/a.warc.gz"), ("OPTIONS", "/")],
)
def test_all_other_paths_need_a_token(house: House, method: str, path: str) -> None:
    assert house.ask(method, path)[0] == 401
    for wrong in ("Bearer wrong", f"Other {TOKEN}", basic("wrong"), "Basic %", BEARER + "x"):
        assert house.ask(method, path, authorization=wrong)[0] == 401
    for right in (BEARER, f"bearer  {TOKEN} ", basic(TOKEN)):
        assert house.ask(method, path, authorization=right)[0] == 200
    assert house.ask(method, path, cookie=house.cookie())[0] == 200
    assert house.ask(method, path, cookie=house.cookie(), authorization="Bearer wrong")[0] == 401


def test_a_browser_may_ask_before_login_whether_it_may_read_warcs(house: House) -> None:
    assert house.ask("OPTIONS", "/warcs/a.warc.gz", origin=FOREIGN)[0] == 200
    assert house.ask("HEAD", "/warcs/a.warc.gz", origin=FOREIGN)[0] == 401


def test_only_a_page_leads_to_the_login(house: House) -> None:
    status, headers = house.ask("GET", "/captures", accept="text/html", host="archive.example")

    assert (status, headers["location"]) == (303, "/login?next=/captures")
    assert house.ask("POST", "/captures", accept="text/html")[0] == 401
    assert house.ask("GET", "/api/v1/runs", accept="text/html")[0] == 401
    assert house.ask("GET", "/captures", accept="application/json")[0] == 401


def test_feed_readers_get_a_password_challenge(house: House) -> None:
    bearer = 'Bearer realm="pressmark"'

    assert house.ask("GET", "/api/v1/runs")[1]["www-authenticate"] == bearer
    assert (
        house.ask("GET", "/api/v1/feeds/all")[1]["www-authenticate"]
        == f'{bearer}, Basic realm="pressmark", charset="UTF-8"'
    )


def test_the_feed_token_only_reads_feeds(house: House) -> None:
    for given in (basic(FEEDS), f"Bearer {FEEDS}"):
        assert house.ask("GET", "/api/v1/feeds/all", authorization=given)[0] == 200
        assert house.ask("HEAD", "/api/v1/feeds/all", authorization=given)[0] == 200
        assert house.ask("POST", "/api/v1/feeds/all", authorization=given)[0] == 401
        assert house.ask("GET", "/api/v1/runs", authorization=given)[0] == 401
    assert house.ask("GET", "/api/v1/feeds/all", authorization=basic("wrong"))[0] == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_of_another_origin_may_read_and_change_nothing(house: House, method: str) -> None:
    asked = {"origin": FOREIGN, "host": "localhost", "authorization": BEARER}

    assert house.ask(method, "/api/v1/runs", **asked)[0] == 403
    assert house.ask(method, "/api/v1/runs", origin=FOREIGN, host="localhost")[0] == 403
    assert [house.ask(safe, "/api/v1/runs", **asked)[0] for safe in ("GET", "HEAD", "OPTIONS")] == [200, 200, 200]


def test_without_a_token_only_this_machine_has_access(open_house: House) -> None:
    assert open_house.ask("GET", "/", host="localhost:8600")[0] == 200
    assert open_house.ask("GET", "/", host="evil.example")[0] == 421
    assert open_house.ask("GET", "/")[0] == 421
    assert open_house.ask("GET", "/healthz", host="evil.example")[0] == 200


def test_every_answer_forbids_archived_content_to_run(house: House) -> None:
    for status, headers in (house.ask("GET", "/"), house.ask("GET", "/", authorization=BEARER)):
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


def test_while_no_request_is_answered_nobody_calls() -> None:
    assert caller_name() == "nobody"


def test_etags_are_compared_weakly() -> None:
    assert matches('W/"a", "b"', '"a"')
    assert matches("*", '"a"')
    assert not matches('"b"', '"a"')
