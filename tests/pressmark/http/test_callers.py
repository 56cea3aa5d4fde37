"""Who calls: sessions, tokens, limits of wrong ones, and what of it is in the audit trail."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest
from services.databases import database_at
from services.waiting import eventually
from specimens.gates import BEARER, FEEDS, TOKEN, House, basic
from sqlalchemy import event, select
from starlette.datastructures import Headers

from archive.database.engine import Database
from archive.database.schema import wrong_logins
from pressmark.http.attempts import TRIES
from pressmark.http.sessions import COOKIE
from pressmark.service.access import access
from pressmark.service.access.access import FRESH
from pressmark.service.access.login_sessions import LASTS
from pressmark.service.access.roles import Role


def test_a_session_lasts_until_it_expires(house: House) -> None:
    cookie = f"other=1; {house.cookie()}"
    assert house.ask("GET", "/", cookie=cookie)[0] == 200

    house.now.at += LASTS + timedelta(seconds=1)
    house.access.end_session("another")
    assert house.ask("GET", "/", cookie=cookie)[0] == 401


@pytest.mark.parametrize(
    "cookie", ["", f"{COOKIE}=", f"{COOKIE}=99999999999.", f"{COOKIE}=99999999999.00ff", "=;=", "\x00"]
)
def test_a_forged_session_is_invalid(house: House, cookie: str) -> None:
    assert house.ask("GET", "/", cookie=cookie)[0] == 401


def test_a_session_ends_with_its_token(tmp_path: Path, database: Database, house: House) -> None:
    cookie = house.cookie()

    assert house.ask("GET", "/", cookie=cookie)[0] == 200
    assert House(tmp_path, database, "the token of today").ask("GET", "/", cookie=cookie)[0] == 401


def test_a_valid_session_counts_more_than_basic_credentials_and_less_than_a_bearer_token(house: House) -> None:
    cookie = house.cookie()

    assert house.ask("GET", "/", cookie=cookie, authorization=basic("of a proxy"))[0] == 200
    assert house.ask("GET", "/", authorization=basic("of a proxy"))[0] == 401
    assert house.ask("GET", "/", cookie=cookie, authorization="Bearer wrong")[0] == 401
    assert house.ask("GET", "/", cookie=f"{COOKIE}=ended", authorization=basic(TOKEN))[0] == 200


def test_wrong_basic_credentials_do_not_limit_bearer_tokens(house: House) -> None:
    statuses = [house.ask("GET", "/", authorization=basic(f"{number}"))[0] for number in range(11)]

    assert statuses == [401] * 10 + [429]
    assert house.ask("GET", "/", authorization=BEARER)[0] == 200


def test_a_token_that_is_revoked_while_it_is_looked_up_is_refused_from_then_on(
    house: House, database: Database
) -> None:
    bearer = house.token("stolen")
    assert house.ask("GET", "/", authorization=house.token("other"))[0] == 200, "the database is open"
    revoking = once_read(database, "FROM tokens", lambda: house.access.revoke_token("stolen"))

    house.ask("GET", "/", authorization=bearer)
    revoking.join()
    assert house.ask("GET", "/", authorization=bearer)[0] == 401


def test_a_session_that_ends_while_it_is_looked_up_is_refused_from_then_on(house: House, database: Database) -> None:
    cookie = house.cookie()
    ending = once_read(database, "FROM sessions", lambda: house.access.end_session(cookie.partition("=")[2]))

    house.ask("GET", "/", cookie=cookie)
    ending.join()
    assert house.ask("GET", "/", cookie=cookie)[0] == 401


def test_a_token_that_another_process_revokes_is_refused_a_second_later(
    tmp_path: Path, database: Database, house: House
) -> None:
    bearer = house.token("stolen")
    assert house.ask("GET", "/", authorization=bearer)[0] == 200
    another = House(tmp_path, database, TOKEN)

    another.access.revoke_token("stolen")
    late = time.monotonic() + FRESH
    assert another.ask("GET", "/", authorization=bearer)[0] == 401, "at once where it was revoked"
    eventually(lambda: time.monotonic() > late)
    assert house.ask("GET", "/", authorization=bearer)[0] == 401


def once_read(database: Database, words: str, act: Callable[[], None]) -> Thread:
    """Have another thread act after the next query with these words was answered, before the answer is used."""
    acting = Thread(target=act)

    def seen(connection: object, cursor: object, statement: str, *_: object) -> None:
        if words in statement and acting.ident is None:
            acting.start()
            acting.join(20)

    event.listen(database.engine, "after_cursor_execute", seen)
    return acting


def test_logging_out_ends_every_copy_of_a_cookie(house: House) -> None:
    cookie = house.cookie()
    assert house.ask("GET", "/", cookie=cookie)[0] == 200

    house.access.end_session(cookie.partition("=")[2])
    assert house.ask("GET", "/", cookie=cookie)[0] == 401


def test_an_address_waits_after_many_wrong_tokens_and_others_do_not(house: House) -> None:
    assert house.ask("GET", "/", authorization=BEARER, address="192.0.2.1")[0] == 200
    wrong = [house.ask("GET", "/", authorization="Bearer wrong", address="192.0.2.1") for _ in range(11)]

    assert [status for status, _ in wrong] == [401] * 10 + [429]
    assert int(wrong[-1][1]["retry-after"]) <= 301
    assert house.ask("GET", "/", authorization=f"Bearer {FEEDS}", address="192.0.2.1")[0] == 429
    assert house.ask("GET", "/", authorization=BEARER, address="192.0.2.1")[0] == 200, "it was right here before"
    assert house.ask("GET", "/", authorization=house.token("ci"), address="192.0.2.1")[0] == 200
    assert house.ask("GET", "/", authorization=BEARER, address="192.0.2.2")[0] == 200
    house.now.at += timedelta(minutes=6)
    assert house.ask("GET", "/", authorization="Bearer wrong", address="192.0.2.1")[0] == 401


@pytest.mark.parametrize("path", ["/", "/readyz"])
def test_a_right_token_does_not_wait_for_the_writer(house: House, database: Database, path: str) -> None:
    made = house.token("ci")
    with database.writing():  # SQLite has one writer
        for bearer in (BEARER, made):
            answered = ThreadPoolExecutor(1).submit(house.ask, "GET", path, authorization=bearer)
            assert answered.result(20)[0] == 200
    house.access.close()

    assert house.access.wrong.knows("127.0.0.1", "token", f"token {sha256(TOKEN.encode()).hexdigest()}")
    assert [token.used_at for token in house.access.tokens.all()] == [house.now.at]
    with database.reading() as connection:
        assert connection.execute(select(wrong_logins)).all() == []


def test_a_health_check_with_a_wrong_token_does_not_wait_for_the_writer_and_counts(
    tmp_path: Path, house: House, database: Database
) -> None:
    with database.writing():
        for _ in range(TRIES):
            asked = ThreadPoolExecutor(1).submit(house.ask, "GET", "/readyz", authorization="Bearer wrong")
            assert asked.result(20)[0] == 200
    house.access.close()

    assert house.ask("GET", "/", authorization=BEARER)[0] == 429
    assert House(tmp_path, database, TOKEN).ask("GET", "/", authorization=BEARER)[0] == 429


def test_a_service_is_closed_by_its_first_token_and_stays_so_without_its_database(
    tmp_path: Path, open_house: House
) -> None:
    local = {"host": "localhost:8600"}
    assert open_house.ask("GET", "/", **local)[0] == 200

    bearer = open_house.token("ci")
    assert open_house.ask("GET", "/", **local)[0] == 401
    assert open_house.ask("GET", "/", authorization=bearer, **local)[0] == 200
    with closing(database_at(tmp_path / "another.db")) as empty:
        assert House(tmp_path, empty, None).ask("GET", "/", **local)[0] == 401
        (tmp_path / "access").unlink()
        assert House(tmp_path, empty, None).ask("GET", "/", **local)[0] == 200, "negative control: without the mark"


def test_a_service_opens_again_when_its_last_token_is_revoked(open_house: House) -> None:
    open_house.token("ci")
    open_house.access.revoke_token("ci")

    assert open_house.ask("GET", "/", host="localhost")[0] == 200


def test_a_service_stays_open_while_the_last_answer_of_the_database_counts(
    open_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "FRESH", 3600.0)

    assert [open_house.ask("GET", "/", host="localhost")[0] for _ in range(2)] == [200, 200]
    assert open_house.access.is_fresh()
    open_house.token("ci")
    assert [open_house.ask("GET", "/", host="localhost")[0] for _ in range(2)] == [401, 401]


def test_nobody_has_access_to_an_address_beyond_this_machine_while_there_is_nobody(
    tmp_path: Path, database: Database
) -> None:
    house = House(tmp_path, database, None, beyond=True)

    assert house.ask("GET", "/", host="localhost")[0] == 403
    assert (
        b"nobody can log in to this service yet; ask the administrator to add people with the command pressmark "
        b"user add" in house.said
    )
    assert house.ask("GET", "/healthz", host="localhost")[0] == 200
    assert house.ask("GET", "/", authorization=house.token("ci"))[0] == 200


def test_a_role_includes_those_before_it(house: House) -> None:
    read, curate = house.token("reader"), house.token("curator", Role.CURATE)

    assert house.ask("GET", "/api/v1/runs", authorization=read)[0] == 200
    assert house.ask("POST", "/api/v1/runs", authorization=read)[0] == 403
    assert house.ask("POST", "/api/v1/runs", authorization=curate)[0] == 200
    assert house.ask("GET", "/api/v1/trail", authorization=curate)[0] == 403
    assert house.ask("GET", "/api/v1/trail", authorization=BEARER)[0] == 200


def test_a_token_for_a_collection_needs_an_address_that_names_it(house: House) -> None:
    bearer = house.token("news", Role.TRIGGER, "news")

    def status(path: str, query: str = "", method: str = "GET") -> int:
        return house.ask(method, path, query=query, authorization=bearer)[0]

    assert status("/api/v1/search", "q=a&collection=news") == 200
    assert status("/api/v1/search", "q=a") == 403
    assert status("/api/v1/search", "q=a&collection=other") == 403
    assert status("/api/v1/search", "q=a&collection=news&collection=other") == 403
    assert status("/api/v1/search", "q=a&collection=other&%63ollection=news") == 403
    assert status("/news/cdx") == 200
    assert status("/other/cdx") == status("/all/cdx") == status("/web/2026/http://a.example/") == 403
    assert status("/news/2026id_/http://a.example/") == 200
    assert status("/news/2026mp_/http://a.example/") == 403, "that leads to the origin of replay"
    assert status("/api/v1/sources/news-one/runs", method="POST") == 200
    assert status("/api/v1/sources/else/runs", method="POST") == 403
    assert status("/") == status("/api/v1/runs") == status("/api/v1/feeds/all") == 403


def test_a_change_and_a_refusal_are_in_the_audit_trail_and_reading_is_not(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    reader = house.token("reader")
    with caplog.at_level(logging.WARNING):
        house.ask("GET", "/api/v1/runs", authorization=BEARER)
        house.ask("POST", "/api/v1/runs", authorization=BEARER, address="192.0.2.7")
        house.ask("POST", "/api/v1/runs", authorization=reader, address="192.0.2.8")
        house.ask("GET", "/api/v1/runs", authorization="Bearer wrong", address="192.0.2.9")
        house.ask("POST", "/nowhere", authorization=BEARER)

    rows = [row.entry for row in house.access.trail.newest(limit=10)]
    assert [(one.who, one.origin, one.action, one.outcome) for one in reversed(rows)] == [
        ("setting token", "192.0.2.7", "POST /api/v1/runs", "200"),
        ("token reader", "192.0.2.8", "POST /api/v1/runs", "refused: 403"),
        ("nobody", "192.0.2.9", "GET /api/v1/runs", "refused: 401"),
        ("setting token", "127.0.0.1", "POST /{rest:path}", "200"),
    ]
    lines = [(record.message, vars(record)["address"], vars(record)["status"]) for record in caplog.records]
    assert lines == [("refused", "192.0.2.8", 403), ("refused", "192.0.2.9", 401)]


def test_refusals_of_one_address_do_not_fill_the_database(house: House) -> None:
    for _ in range(60):
        house.ask("GET", "/api/v1/runs", authorization="Bearer wrong", address="192.0.2.9")
    house.ask("GET", "/api/v1/runs", authorization="Bearer wrong", address="192.0.2.10")

    addresses = [row.entry.origin for row in house.access.trail.newest(limit=100)]
    assert (addresses.count("192.0.2.9"), addresses.count("192.0.2.10")) == (30, 1)


def test_refusals_of_one_ipv6_network_do_not_fill_the_database(house: House) -> None:
    for host in range(60):
        house.ask("GET", "/api/v1/runs", authorization="Bearer wrong", address=f"2001:db8:1:2::{host:x}")
    house.ask("GET", "/api/v1/runs", authorization="Bearer wrong", address="2001:db8:1:3::1")

    networks = [row.entry.origin.rpartition("::")[0] for row in house.access.trail.newest(limit=100)]
    assert (networks.count("2001:db8:1:2"), networks.count("2001:db8:1:3")) == (30, 1)


def test_callers_who_were_looked_up_are_remembered_only_up_to_a_bound(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressmark.http.callers._CACHED", 3)
    given = [house.token(f"reader-{number}") for number in range(5)]
    for token in given:
        assert house.ask("GET", "/", authorization=token)[0] == 200

    assert len(house.callers._known) == 3
    assert [house.ask("GET", "/", authorization=token)[0] for token in given] == [200] * 5


def test_a_caller_who_was_looked_up_a_moment_ago_is_not_looked_up_again(house: House, database: Database) -> None:
    reader = house.token("reader")
    queries = list[str]()
    event.listen(database.engine, "after_cursor_execute", lambda *given: queries.append(given[2]))

    def known() -> bool:
        queries.clear()
        return house.ask("GET", "/", authorization=reader)[0] == 200 and not any("FROM tokens" in q for q in queries)

    assert not known(), "the first time it is looked up"
    eventually(known)


def test_a_wrong_token_is_called_wrong_also_when_nobody_waits_for_the_database(house: House) -> None:
    found = asyncio.run(house.callers.identify(Headers({"authorization": "Bearer wrong"}), "127.0.0.1", at_once=True))

    assert (found.caller, found.wrong) == (None, True)
