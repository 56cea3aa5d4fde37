"""People, tokens and sessions on either database: what is stored, what is valid, and when it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from archive.database.engine import Database, open_database
from archive.database.schema import audit_trail, people, sessions, tokens
from config.settings import Settings
from config.source import Source
from pressmark.service.access.access import Access
from pressmark.service.access.passwords import UnfitPassword
from pressmark.service.access.people import NameTaken, UnfitName, UnknownPerson
from pressmark.service.access.protection import UnprotectedAddress, WeakToken, check_protection
from pressmark.service.access.roles import SETTING, Role
from pressmark.service.access.source_facts import may_be_secret, source_facts
from pressmark.service.access.tokens import UnknownToken
from pressmark.service.access.trail import Trail
from pressmark.service.redaction import HIDDEN, redaction

PASSWORD = "canary of a password"
TOKEN = "canary of a token of the settings"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Clock:
    at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def now() -> Clock:
    return Clock()


@pytest.fixture
def access(tmp_path: Path, either: Database, now: Clock) -> Iterator[Access]:
    made = Access(Settings(home=tmp_path, token=TOKEN), either, now=now)  # type: ignore[arg-type]
    yield made
    made.close()


def everything(database: Database) -> str:
    with database.reading() as connection:
        return "\n".join(
            repr(row) for table in (people, tokens, sessions, audit_trail) for row in connection.execute(select(table))
        )


def test_a_person_logs_in_with_the_right_password_only(access: Access, now: Clock) -> None:
    access.add_person("anna", Role.CURATE, PASSWORD)

    found = access.log_in("anna", PASSWORD)
    assert found is not None and (found.kind, found.name, found.role) == ("person", "anna", Role.CURATE)
    assert access.log_in("anna", PASSWORD + "x") is None
    assert access.log_in("anna", "") is None
    assert access.log_in("ben", PASSWORD) is None
    assert access.log_in("anna", "x" * 100_000) is None
    assert access.people.get("anna").used_at == now.at


@pytest.mark.parametrize("name", ["", "Anna", "a b", "-a", "a" * 70, "a\x00", "名"])
def test_an_invalid_name_is_refused(access: Access, name: str) -> None:
    with pytest.raises(UnfitName):
        access.add_person(name, Role.READ, PASSWORD)
    with pytest.raises(UnfitName):
        access.add_token(name, Role.READ)


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 257])
def test_a_short_or_endless_password_is_refused(access: Access, password: str) -> None:
    with pytest.raises(UnfitPassword):
        access.add_person("anna", Role.READ, password)


def test_a_name_is_taken_once_and_that_of_a_token_for_ever(access: Access) -> None:
    access.add_person("anna", Role.READ, PASSWORD)
    access.add_token("ci", Role.READ)
    access.revoke_token("ci")

    with pytest.raises(NameTaken):
        access.add_person("anna", Role.READ, PASSWORD)
    with pytest.raises(NameTaken):
        access.add_token("ci", Role.READ)
    with pytest.raises(UnknownToken):
        access.revoke_token("ci")
    with pytest.raises(UnknownPerson):
        access.remove_person("ben")


def test_a_token_is_valid_until_it_expires_or_is_revoked(access: Access, now: Clock) -> None:
    _, short = access.add_token("short", Role.TRIGGER, collections=["news"], expires=timedelta(days=90))
    _, endless = access.add_token("endless", Role.READ)

    found = access.tokens.caller(short)
    assert found is not None and (found.role, found.collections) == (Role.TRIGGER, frozenset({"news"}))
    now.at += timedelta(days=90)
    assert access.tokens.caller(short) is None
    assert access.tokens.caller(endless) is not None
    access.revoke_token("endless")
    assert access.tokens.caller(endless) is None
    assert access.tokens.caller("") is None


def test_the_last_use_of_a_token_is_written_once_a_minute(access: Access, now: Clock) -> None:
    access.add_token("ci", Role.READ)

    assert access.tokens.note_use("ci"), "the first one is due"
    access.tokens.write_uses()
    first, now.at = now.at, now.at + timedelta(seconds=30)
    assert not access.tokens.note_use("ci")
    assert access.tokens.all()[0].used_at == first
    access.close()
    assert access.tokens.all()[0].used_at == now.at


def test_a_session_ends_with_its_person_its_password_or_its_token(access: Access) -> None:
    person = access.people.caller(access.add_person("anna", Role.READ, PASSWORD).name)
    token = access.tokens.caller(access.add_token("ci", Role.READ)[1])
    assert person is not None and token is not None
    first, second = access.begin_session(person, ""), access.begin_session(token, "")
    assert (access.sessions.caller(first), access.sessions.caller(second)) == (person, token)

    access.set_role("anna", Role.ADMIN)
    promoted = access.sessions.caller(first)
    assert promoted is not None and promoted.role == Role.ADMIN
    access.set_password("anna", PASSWORD + " 2")
    access.revoke_token("ci")
    assert (access.sessions.caller(first), access.sessions.caller(second)) == (None, None)
    third = access.begin_session(person, "")
    access.remove_person("anna")
    access.add_person("anna", Role.ADMIN, PASSWORD)
    assert access.sessions.caller(third) is None, "a new person of the same name is another one"


def test_nothing_that_opens_a_door_is_stored(access: Access, either: Database) -> None:
    access.add_person("anna", Role.READ, PASSWORD)
    _, secret = access.add_token("ci", Role.READ)
    cookie = access.begin_session(SETTING, "192.0.2.1")
    access.trail.add("nobody", "192.0.2.1", "GET /", f"/?token={secret}", after={"password": PASSWORD})
    stored = everything(either)

    assert "anna" in stored and "192.0.2.1" in stored
    assert [canary for canary in (PASSWORD, secret, cookie, TOKEN) if canary in stored] == []
    assert redaction.text(f"made {secret}") == f"made {HIDDEN}"


def test_the_audit_trail_keeps_no_values_of_a_source_that_may_be_secret() -> None:
    source = Source.model_validate(
        {
            "source": "a",
            "seeds": ["https://a.example/"],
            "headers": {"X-Key": "canary", "X-Other": {"secret": "NAME"}},
            "cookies": {"session": "canary"},
            "login": {"url": "https://a.example/in", "fields": {"user": "canary", "code": {"secret": "CODE"}}},
            "proxy": "socks5://canary.example:1080",
        }
    )
    facts = source_facts(source)

    assert "canary" not in repr(facts)
    assert facts["seeds"] == ["https://a.example/"]
    assert facts["headers"] == {"X-Key": HIDDEN, "X-Other": {"secret": "NAME"}}


SPIDER = {"source": "a", "spider": "a.py:A"}


@pytest.mark.parametrize(
    "more",
    [
        {"spider": None, "seeds": ["https://a.example/"], "headers": {"secret": "canary"}},
        {"spider": None, "seeds": ["https://a.example/"], "cookies": {"secret": "canary"}},
        {"arguments": {"secret": "canary"}},
        {"arguments": {"pin": 1234567890}},
        {"arguments": {"pin": 1234}},
        {"scrapy": {"FTP_PASSWORD": {"secret": "canary"}}},
        {"scrapy": {"FTP_PASSWORD": 1234567890}},
        {"scrapy": {"API_TOKENS": ["canary"]}},
        {"scrapy": {"PASSWORDS": {"a": [{"b": "canary"}]}}},
        {"scrapy": {"DEFAULT_REQUEST_HEADERS": {"X-Auth": "canary"}}},
        {"scrapy": {"EXTENSIONS": {"a.Keys": "canary"}}},
    ],
)
def test_a_value_of_any_type_may_be_secret_unless_the_schema_has_a_reference_there(more: dict[str, Any]) -> None:
    given = {key: value for key, value in (SPIDER | more).items() if value is not None}
    source = Source.model_validate(given)

    [loc] = may_be_secret(source)
    assert loc[0] == list(more)[-1]
    assert not re.search("canary|1234", repr(source_facts(source)))


@pytest.mark.parametrize(
    "more",
    [
        {"arguments": {"images": True, "pages": 20, "part": None, "key": {"secret": "NAME"}}},
        {"scrapy": {"COOKIES_ENABLED": False, "DOWNLOAD_DELAY": 2.125, "CLOSESPIDER_ITEMCOUNT": 10_000}},
        {"scrapy": {"DOWNLOADER_MIDDLEWARES": {"a.cookies.CookiesMiddleware": 7000, "a.TokenMiddleware": None}}},
        {"scrapy": {"FEED_EXPORT_FIELDS": ["title"]}},
    ],
)
def test_switches_counts_and_references_are_not_secret(more: dict[str, Any]) -> None:
    source = Source.model_validate(SPIDER | more)

    assert list(may_be_secret(source)) == []
    [key] = more
    assert source_facts(source)[key] == more[key]


@pytest.mark.parametrize(
    ("host", "token", "error"),
    [
        ("127.0.0.1", None, None),
        ("127.0.0.1", "short", None),
        ("localhost", None, None),
        ("::1", None, None),
        ("0.0.0.0", None, UnprotectedAddress),
        ("::", None, UnprotectedAddress),
        ("archive.example", None, UnprotectedAddress),
        ("0.0.0.0", "15 characters..", WeakToken),
        ("0.0.0.0", "16 characters...", None),
    ],
)
def test_an_address_beyond_this_machine_needs_a_token_that_nobody_guesses(
    tmp_path: Path, host: str, token: str | None, error: type[Exception] | None
) -> None:
    settings = Settings(home=tmp_path, token=token)  # type: ignore[arg-type]
    if error is None:
        check_protection(settings, host)
    else:
        with pytest.raises(error):
            check_protection(settings, host)


def test_an_address_beyond_this_machine_is_protected_by_people(tmp_path: Path, either: Database) -> None:
    settings = Settings(home=tmp_path)
    access = Access(settings, either, now=lambda: NOW)
    access.add_person("anna", Role.ADMIN, PASSWORD)
    check_protection(settings, "0.0.0.0")

    access.remove_person("anna")
    with pytest.raises(UnprotectedAddress):
        check_protection(settings, "0.0.0.0")


@pytest.mark.parametrize("table", ["marks", "sessions"])
@pytest.mark.parametrize(
    "change",
    [lambda access: access.remove_person("anna"), lambda access: access.set_password("anna", f"another {PASSWORD}")],
    ids=["removed", "password"],
)
def test_a_person_or_password_never_goes_without_the_sessions_and_the_feed_address(
    tmp_path: Path, table: str, change: Callable[[Access], None]
) -> None:
    """The database refuses one of the deletions: then nothing is changed, and the next attempt changes all."""
    database = open_database(f"sqlite:///{tmp_path / 'pressmark.db'}")
    access = Access(Settings(home=tmp_path), database, now=lambda: NOW)
    access.add_person("anna", Role.READ, PASSWORD)
    caller = access.log_in("anna", PASSWORD)
    assert caller is not None
    session, feed = access.begin_session(caller, "192.0.2.1"), access.renew_feed_address("anna")
    with database.writing() as connection:
        refuse = f"CREATE TRIGGER refuse BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END"
        connection.execute(text(refuse))
    with pytest.raises(Exception, match="refused"):
        change(access)
    unchanged = (access.log_in("anna", PASSWORD), access.sessions.caller(session), access.caller_of_feed(feed))
    with database.writing() as connection:
        connection.execute(text("DROP TRIGGER refuse"))
    change(access)
    if access.people.caller("anna") is None:
        access.add_person("anna", Role.READ, PASSWORD)

    assert all(unchanged)
    assert (access.sessions.caller(session), access.caller_of_feed(feed)) == (None, None)
    access.close()
    database.close()


def test_a_new_person_inherits_no_feed_address_that_an_earlier_version_left(access: Access) -> None:
    orphan = access.renew_feed_address("anna")
    access.add_person("anna", Role.READ, PASSWORD)

    assert access.caller_of_feed(orphan) is None
    assert access.caller_of_feed(access.renew_feed_address("anna")) is not None


def test_feed_addresses_that_are_renewed_at_once_leave_one(access: Access) -> None:
    access.add_person("anna", Role.READ, PASSWORD)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: access.renew_feed_address("anna"), range(16)))

    assert len([secret for secret in made if access.caller_of_feed(secret)]) == 1


def test_the_audit_trail_keeps_an_entry_for_400_days_and_its_chain_holds_afterwards(
    either: Database, now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its control: a shorter time, and the entry is gone sooner."""

    def kept(days: int) -> bool:
        now.at = NOW + timedelta(days=days)
        trail = Trail(either, now=now)  # as of a service that starts: it deletes once a day
        trail.add("ada", "here", "looked")
        rows = trail.newest(limit=99)
        assert trail.verify().problem is None
        return any(row.entry.action == "first" for row in rows)

    Trail(either, now=now).add("ada", "here", "first")

    assert [kept(days) for days in (1, 399, 400)] == [True, True, True]
    assert not kept(401)
    Trail(either, now=now).add("ada", "here", "first")
    monkeypatch.setattr("pressmark.service.access.trail.KEPT", timedelta(days=9))
    assert not kept(411)
