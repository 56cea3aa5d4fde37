"""Take-downs are in force at once, also while they change, and end when their time comes."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from services.reading_house import CLOSED, OPEN, REASON, STAMP, furnished, house, taken_down
from sqlalchemy import event

from archive.values.urlkey import Match
from config.settings import Settings
from pressmark.service.access.take_downs import ActiveTakeDowns, UnfitTakeDown, covering
from pressmark.service.assembly import open_pressmark

MAIL = "imap://mail.example.org:993/INBOX;UIDVALIDITY=7/;UID=1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("taken"))


def test_a_take_down_of_another_process_is_in_force_within_a_second(home: Path) -> None:
    with house(home, {}) as (asked, _):
        other = ActiveTakeDowns(asked.service.database, asked.service.index, now=asked.service.now)
        assert covering(other.active(), CLOSED) is None
        with taken_down(asked, CLOSED):
            other._known = None  # a second later
            assert covering(other.active(), CLOSED) is not None


def test_a_change_in_the_middle_of_a_question_shows_nothing(home: Path) -> None:
    lifting: list[str] = []

    def now() -> datetime:
        while lifting:
            take_downs.lift(lifting.pop(), by="ada")
        return datetime(2026, 11, 28, 12, tzinfo=UTC)

    with open_pressmark(Settings(home=home)) as service:
        take_downs = ActiveTakeDowns(service.database, service.index, now=now)
        stays, goes = (take_downs.add(url, REASON, by="ada") for url in (CLOSED, OPEN))
        try:
            take_downs.active()
            lifting.append(goes.id)
            during = take_downs.active()
            after = take_downs.active()
        finally:
            take_downs.lift(stays.id, by="ada")

    assert stays in during
    assert after == [stays]


def test_an_answer_from_before_a_change_is_not_used_again(home: Path) -> None:
    reads, added = count(), []

    def change(statement: str) -> None:
        if "FROM marks" in statement and next(reads) == 1:  # the take-downs are read, the marks of others are next
            added.append(take_downs.add(CLOSED, REASON, by="ada"))

    def watch(connection: sqlite3.Connection, _: object) -> None:
        connection.set_trace_callback(change)

    with open_pressmark(Settings(home=home)) as service:
        take_downs = ActiveTakeDowns(service.database, service.index, now=service.now)
        service.database.engine.dispose()
        event.listen(service.database.engine, "connect", watch)
        try:
            before = take_downs.active()
            after = take_downs.active()
        finally:
            take_downs.lift(added[0].id, by="ada")

    assert before == []
    assert after == added


def test_a_take_down_ends_when_its_time_comes(home: Path) -> None:
    day = datetime(2026, 11, 28, 12, tzinfo=UTC)
    now = [day]
    with house(home, {}) as (asked, _):
        take_downs = ActiveTakeDowns(asked.service.database, asked.service.index, now=lambda: now[0])
        one = take_downs.add(CLOSED, REASON, by="ada", until="2026-11-29")
        try:
            assert covering(take_downs.active(), CLOSED) == one
            now[0] = day + timedelta(days=1)
            assert covering(take_downs.active(), CLOSED) is None
        finally:
            take_downs.lift(one.id, by="ada")


@pytest.mark.parametrize(
    ("url", "how"),
    [
        (CLOSED, {"reason": " "}),
        (CLOSED, {"until": "2001"}),
        (CLOSED, {"at": "20010101000000"}),
        (CLOSED, {"at": STAMP, "match": "host"}),
        (CLOSED, {"until": "soon"}),
        ("ftp://a.example/", {}),
    ],
)
def test_a_take_down_that_can_not_be_is_refused(home: Path, url: str, how: dict[str, str]) -> None:
    with open_pressmark(Settings(home=home)) as service:
        before = service.take_downs.all()
        with pytest.raises((UnfitTakeDown, ValueError)):
            service.take_downs.add(url, **{"reason": REASON, "by": "ada", **how})  # type: ignore[arg-type]
        assert service.take_downs.all() == before


@pytest.mark.parametrize(
    ("url", "match", "hidden", "shown"),
    [
        (MAIL, "exact", [MAIL, f"{MAIL}/;SECTION=2.2"], [f"{MAIL}1", f"{MAIL}1/;SECTION=2"]),
        ("imap://mail.example.org/", "host", [MAIL], ["imap://mail.example.com:993/INBOX;UIDVALIDITY=7/;UID=1"]),
        ("imap://mail.example.org:993/", "host", [MAIL], [MAIL.replace(":993", "")]),
        ("imap://mail.example.org/", "host", [MAIL.replace(":993", "")], [MAIL.replace(":993", ":1143")]),
    ],
)
def test_an_e_mail_is_taken_down_with_its_parts_or_with_all_of_its_server(
    home: Path, url: str, match: Match, hidden: list[str], shown: list[str]
) -> None:
    with house(home, {}) as (asked, _):
        one = asked.service.take_downs.add(url, REASON, by="ada", match=match)
        try:
            active = asked.service.take_downs.active()
            assert [covering(active, each) for each in hidden] == [one] * len(hidden)
            assert not any(covering(active, each) for each in shown)
            with pytest.raises(UnfitTakeDown, match="only as a whole"):
                asked.service.take_downs.add(MAIL, REASON, by="ada", at=STAMP)
        finally:
            asked.service.take_downs.lift(one.id, by="ada")


@pytest.mark.parametrize("url", ["https://social.example/@alice/41", "https://social.example/api/v1/statuses/41"])
def test_a_post_is_taken_down_with_its_replies_and_versions(home: Path, url: str) -> None:
    status = "https://social.example/api/v1/statuses/41"
    with open_pressmark(Settings(home=home)) as service:
        take_downs = ActiveTakeDowns(service.database, service.index, now=service.now)
        one = take_downs.add(url, REASON, by="ada")
        try:
            active = take_downs.active()
        finally:
            take_downs.lift(one.id, by="ada")

    hidden = [part for part in ("", "/context", "/history") if covering(active, status + part)]
    assert hidden == ["", "/context", "/history"]
    assert covering(active, "https://social.example/api/v1/statuses/42") is None
    assert covering(active, "https://social.example/@alice/42") is None
