from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pressmark.http.stage.grants import Grant, Grants
from pressmark.http.stage.seals import LASTS
from pressmark.http.stage.stage import Stage

NOW = datetime(2026, 11, 24, tzinfo=UTC)
HOME = "https://archive.example"


def test_a_grant_names_its_reader_until_it_expires() -> None:
    now = NOW
    grants = Grants("a token", now=lambda: now)
    written = grants.write(Grant(HOME))
    found = grants.read(written)

    assert found is not None and found.home == HOME
    now += LASTS + timedelta(seconds=1)
    assert grants.read(written) is None


def test_a_grant_of_another_token_or_process_is_invalid() -> None:
    def now() -> datetime:
        return NOW

    assert Grants("one", now=now).read(Grants("other", now=now).write(Grant(HOME))) is None
    assert Grants(None, now=now).read(Grants(None, now=now).write(Grant(HOME))) is None
    assert Grants("one", now=now).read(Grants("one", now=now).write(Grant(HOME))) is not None


@pytest.mark.parametrize("segment", ["", "x", ".", "a.b.c", "é" * 50, "\udcff", "A" * 43, "A" * 60, "=" * 80])
def test_a_grant_that_we_did_not_write_is_invalid(segment: str) -> None:
    assert Grants("one", now=lambda: NOW).read(segment) is None


@pytest.mark.parametrize(
    ("home", "origin"),
    [
        ("http://127.0.0.1:8600", "http://localhost:8601"),
        ("http://localhost:8600", "http://127.0.0.1:8601"),
        ("http://archive.example:8600", "http://archive.example:8601"),
        ("http://[::1]:8600", "http://[::1]:8601"),
    ],
)
def test_replay_on_the_same_machine_uses_another_host_name_which_gets_no_cookie(home: str, origin: str) -> None:
    stage = Stage(Grants(None, now=lambda: NOW), 8601)

    assert stage.origin_for(home) == origin


def test_the_origin_set_by_the_operator_is_used() -> None:
    stage = Stage(Grants(None, now=lambda: NOW), 8601, "https://replay.example")

    assert stage.address(HOME, "https://a.org/?b=c", "20261124000000").startswith("https://replay.example/")
    assert stage.address(HOME, "https://a.org/?b=c", "20261124000000").endswith("/20261124000000mp_/https://a.org/?b=c")
