"""A mailbox in the file of a source: what is wrong is named with its key, and its URL names no user."""

from __future__ import annotations

import pytest

from config.errors import ConfigError, Problem
from config.groups.permissions import secrets_of
from config.source import Source
from config.source_files.parse import parse_sources
from config.values.mailbox import Mailbox

IMAP = "host: imap.example.org, user: ann@example.org, password: {secret: PW}"


def source(more: str = "", imap: str = "") -> Source:
    return parse_sources(f"source: letters\nimap: {{{IMAP}{imap}}}\n{more}")[0]


def problem(more: str = "", imap: str = "") -> Problem:
    with pytest.raises(ConfigError) as error:
        source(more, imap)
    (one,) = error.value.problems
    return one


def test_a_mailbox_needs_no_seeds() -> None:
    told = source()
    assert (told.seeds, told.kind, told.starts) == ((), "mail", ("imap://imap.example.org:993/INBOX",))


def test_its_password_is_a_secret_of_the_source() -> None:
    assert [(loc, one.secret) for loc, one in secrets_of(source())] == [(("imap", "password"), "PW")]


def test_a_source_without_a_mailbox_still_needs_seeds() -> None:
    with pytest.raises(ConfigError, match="seeds"):
        parse_sources("source: letters\n")


@pytest.mark.parametrize(
    ("imap", "key", "told"),
    [
        (", tls: none", "imap.tls", "without TLS, everyone on the way can read the password"),
        (", mark: move", "imap", "mark: move needs move_to"),
        (", move_to: Old", "imap.move_to", "move_to needs mark: move"),
        (", mark: move, move_to: INBOX", "imap.move_to", "is the folder that is read"),
        (', folder: "a\\nb"', "imap.folder", "this should be one line of text"),
        (', folder: " "', "imap.folder", "this should be one line of text"),
        (", sender: 每日", "imap.sender", "this should be ASCII"),
        (", port: 0", "imap.port", ""),
        (", folders: INBOX", "imap.folders", "unknown key"),
    ],
)
def test_what_is_wrong_is_named(imap: str, key: str, told: str) -> None:
    found = problem(imap=imap)
    assert found.key == key
    assert told in found.message


@pytest.mark.parametrize(
    "host", ["imap.example.org:993", "imaps://imap.example.org", "a b", "ann@imap.example.org", ""]
)
def test_a_host_is_only_a_host(host: str) -> None:
    with pytest.raises(ConfigError, match="invalid host"):
        parse_sources(f"source: a\nimap: {{host: '{host}', user: ann, password: {{secret: PW}}}}")


def test_a_password_in_the_file_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as error:
        parse_sources("source: a\nimap: {host: imap.example.org, user: ann, password: hunter2}")
    assert error.value.problems[0].key == "imap.password"
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("seeds: [https://example.org/]", "seeds"),
        ("walk: feed", "walk"),
        ("fetch: browser", "fetch"),
        ("scope: {depth: 1}", "scope"),
        ("headers: {X: y}", "headers"),
        ("proxy: http://localhost:3128", "proxy"),
        ("spider: a.py:B", "imap"),
    ],
)
def test_what_only_websites_have_is_refused(more: str, key: str) -> None:
    assert problem(more).key == key


def test_two_descriptions_differ_by_their_mailbox() -> None:
    assert source().config_hash != source(imap=", folder: News").config_hash


@pytest.mark.parametrize(
    ("facts", "url"),
    [
        ({}, "imap://imap.example.org:993/INBOX"),
        ({"tls": "starttls"}, "imap://imap.example.org/INBOX"),
        (
            {"folder": "邮件/日报; a&b=c"},
            "imap://imap.example.org:993/%E9%82%AE%E4%BB%B6/%E6%97%A5%E6%8A%A5%3B%20a%26b%3Dc",
        ),
        ({"host": "::1", "port": 1143}, "imap://[::1]:1143/INBOX"),
    ],
)
def test_its_url_is_that_of_the_folder(facts: dict[str, object], url: str) -> None:
    told = {"host": "imap.example.org", "user": "ann", "password": {"secret": "PW"}} | facts
    assert Mailbox.model_validate(told).url == url
