"""A page is found under its other addresses, and states of pages are stored exactly."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from archive.database.engine import Database
from archive.index.aliases import Alias, Aliases
from archive.index.pages import Pages, PageState

PAGE = "https://www.example.org/2026/a-long-title"
NOW = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def aliases(database: Database) -> Aliases:
    aliases = Aliases(database)
    aliases.note(
        [
            Alias("https://www.example.org/node/7", PAGE, "canonical"),
            Alias(f"{PAGE}/amp", PAGE, "spelling"),
            Alias("http://example.org/2026/a-long-title/", PAGE, "spelling"),
        ]
    )
    return aliases


def test_an_address_leads_to_the_page_and_its_other_addresses(aliases: Aliases) -> None:
    assert aliases.addresses("http://example.org/node/7")[0] == PAGE
    assert set(aliases.addresses(PAGE)) == {"https://www.example.org/node/7", f"{PAGE}/amp"}


def test_an_address_that_was_never_seen_leads_to_the_page_too(aliases: Aliases) -> None:
    assert aliases.addresses(f"{PAGE}?utm_source=x&print=1")[0] == PAGE
    assert aliases.addresses("https://www.example.org/other") == []


def test_an_address_with_the_key_of_its_page_is_not_stored(aliases: Aliases) -> None:
    assert [alias.url for alias in aliases.of(PAGE)] == [f"{PAGE}/amp", "https://www.example.org/node/7"]


def test_noting_again_changes_an_address_and_forgetting_deletes_canonical_addresses(aliases: Aliases) -> None:
    other = "https://www.example.org/b"
    aliases.note([Alias("https://www.example.org/node/7", other, "canonical")])
    assert aliases.canonical_of(["https://www.example.org/node/7", PAGE]) == {"https://www.example.org/node/7": other}

    aliases.forget([other, PAGE])
    assert aliases.of(other) == []
    assert [alias.url for alias in aliases.of(PAGE)] == [f"{PAGE}/amp"]


def test_the_state_of_a_page_is_stored_and_replaced(database: Database) -> None:
    pages = Pages(database)
    state = PageState(
        PAGE, NOW, NOW + timedelta(days=1), timedelta(hours=9), "changed", NOW, 2, "abc", "captcha", "17 replies"
    )
    pages.store_states("one", [state])
    pages.store_states("two", [PageState(PAGE, NOW, NOW, timedelta(hours=1), "new")])

    assert pages.recall("one", [PAGE, "https://other.example/"]) == {PAGE: state}
    assert list(pages.of(PAGE)) == ["one", "two"]
    pages.store_states("one", [PageState(PAGE, NOW, NOW, timedelta(hours=2), "unchanged")])
    assert pages.recall("one", [PAGE])[PAGE].interval == timedelta(hours=2)


LONG = f"https://www.example.org/{secrets.token_hex(2_000)}"
"""An incompressible URL, too long for an index of PostgreSQL."""


@pytest.mark.parametrize(
    "long", [Alias(LONG, PAGE, "canonical"), Alias("https://www.example.org/a", LONG, "canonical")]
)
def test_an_address_too_long_for_an_index_does_not_affect_others(database: Database, long: Alias) -> None:
    aliases = Aliases(database)
    aliases.note([long, Alias("https://www.example.org/node/7", PAGE, "canonical")])
    aliases.forget([LONG])

    assert "https://www.example.org/node/7" in [alias.url for alias in aliases.of(PAGE)]
    assert aliases.canonical_of([LONG, "https://www.example.org/node/7"])["https://www.example.org/node/7"] == PAGE


def test_the_state_of_a_page_with_too_long_an_address_does_not_affect_others(database: Database) -> None:
    pages = Pages(database)
    states = [PageState(url, NOW, NOW, timedelta(hours=1), "new") for url in (LONG, PAGE)]
    pages.store_states("s" * 63, states)

    assert pages.recall("s" * 63, [LONG, PAGE])[PAGE] == states[1]
