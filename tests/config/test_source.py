from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from config.errors import ConfigError, Problem
from config.source import Source
from config.source_files.parse import parse_sources
from config.values.secret import Secret
from config.values.urls import BadUrl, check_url

FILE = Path("sources/example.yaml")
GOOD = "source: example\nseeds: [https://example.org/]\n"


def source(more: str = "") -> Source:
    return parse_sources(GOOD + more, FILE)[0]


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as error:
        parse_sources(text, FILE)
    return tuple(error.value.problems)


def problem(more: str) -> Problem:
    (one,) = problems(GOOD + more)
    return one


def test_a_name_and_a_seed_are_enough() -> None:
    assert source() == Source(name="example", seeds=("https://example.org/",))


def test_one_seed_needs_no_list() -> None:
    assert parse_sources("source: a\nseeds: https://example.org/")[0].seeds == ("https://example.org/",)


def test_a_source_with_every_kind_of_key_is_read() -> None:
    described = source(
        "walk: listing\n"
        'scope: {include: ["/en/news/"], depth: 3}\n'
        'timetable: {cron: "0 */6 * * *", timezone: Asia/Shanghai, catch_up: once}\n'
        "politeness: {delay: 2s, concurrency: 1, robots: obey}\n"
        "keep: {requisites: true, collection: science-policy}\n"
    )

    assert described.scope.include == ("/en/news/",)
    assert described.scope.depth == 3
    assert described.politeness.delay == timedelta(seconds=2)
    assert described.keep.collection == "science-policy"
    assert described.timetable is not None
    assert described.timetable.timezone == "Asia/Shanghai"


def test_a_source_without_a_walk_is_walked_as_a_site() -> None:
    assert source().walk is None
    assert source().walked_as == "site"
    assert source("walk: feed").walked_as == "feed"


def test_an_unquoted_time_of_day_is_read_as_a_time() -> None:
    timetable = source("timetable: {at: [18:30, 06:30]}").timetable

    assert timetable is not None
    assert timetable.at == (time(6, 30), time(18, 30))


def test_an_anchor_without_a_zone_is_utc() -> None:
    timetable = source("timetable: {every: 6h, anchor: 2026-01-01T00:30:00}").timetable

    assert timetable is not None
    assert timetable.anchor == datetime(2026, 1, 1, 0, 30, tzinfo=UTC)


def test_the_user_agent_names_the_contact_of_the_source_then_of_the_settings() -> None:
    named = source("contact: https://archive.example.org/")

    assert named.identity(contact="https://other.example.org/") == "Pressmark/0.2 (+https://archive.example.org/)"
    assert named.identity(user_agent="Other/1") == "Pressmark/0.2 (+https://archive.example.org/)"
    assert source().identity(contact="https://other.example.org/") == "Pressmark/0.2 (+https://other.example.org/)"
    assert source().identity(user_agent="Other/1") == "Other/1"
    assert source("user_agent: Mine/2").identity(user_agent="Other/1") == "Mine/2"
    assert source().identity() == "Pressmark/0.2"


def test_addresses_are_read_as_networks() -> None:
    assert [str(network) for network in source("addresses: [127.0.0.0/8, '::1/128']").addresses] == [
        "127.0.0.0/8",
        "::1/128",
    ]


def test_the_config_hash_changes_with_the_description_and_with_nothing_else() -> None:
    assert source("walk: site").config_hash == source("walk: site\n# a remark").config_hash
    assert source("walk: site").config_hash != source("walk: feed").config_hash


def test_a_source_holds_a_reference_to_a_secret_and_never_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_TOKEN", "hunter2")
    described = source("headers: {Authorization: {secret: EXAMPLE_TOKEN}, Accept-Language: de}")

    assert described.headers["Authorization"] == Secret(secret="EXAMPLE_TOKEN")
    assert described.headers["Accept-Language"] == "de"
    assert "hunter2" not in f"{described!r} {described} {described.model_dump_json()} {described.model_dump()}"


@pytest.mark.parametrize(
    ("more", "line", "key", "sentence"),
    [
        ("walk: listin", 3, "walk", "unknown value 'listin'; did you mean 'listing'?"),
        ("walk: crawl", 3, "walk", "unknown value 'crawl'; use one of: page, site, listing, feed, sitemap"),
        ("politeness: {dealy: 2s}", 3, "politeness.dealy", "unknown key 'dealy' (found '2s'); did you mean 'delay'?"),
        ("delay: 2s", 3, "delay", "unknown key 'delay' (found '2s'); did you mean 'politeness.delay'?"),
        ("schedule: {}", 3, "schedule", "unknown key 'schedule'; did you mean 'timetable'?"),
        ("max_pages: 3", 3, "max_pages", "unknown key 'max_pages' (found 3); did you mean 'limits.pages'?"),
        ("User-Agent: x", 3, "User-Agent", "unknown key 'User-Agent' (found 'x'); did you mean 'user_agent'?"),
        ("timetable:\n  cron: 0 25 * * *", 4, "timetable.cron", "the hour '25' of the cron expression is not 0-23"),
        ("timetable: {every: 6}", 3, "timetable.every", "6 has no unit: write e.g. 6s or 6m"),
        ("timetable: {every: soon}", 3, "timetable.every", "invalid duration 'soon': use a number and a unit"),
        ("timetable: {every: 10ms}", 3, "timetable", "every is shorter than a second"),
        ("timetable: {every: 1h, jitter: 2h}", 3, "timetable", "jitter is longer than every"),
        ("timetable: {every: 1h, at: 06:30}", 3, "timetable", "has every and at, which can't be combined"),
        ("timetable: {}", 3, "timetable", "has none of cron, every and at; use exactly one, e.g. every: 6h"),
        ("timetable: {at: 25:00}", 3, "timetable.at", "invalid time of day '25:00': write it as 06:30"),
        ("timetable: {at: 06:30, anchor: 2026-01-01}", 3, "timetable", "anchor works with every only"),
        ("timetable: {every: 1h, catch_up: twice}", 3, "timetable.catch_up", "use skip, once or all:N"),
        (
            "timetable: {at: 06:30, timezone: Shanghai}",
            3,
            "timetable.timezone",
            "no time zone named 'Shanghai'; did you mean 'Asia/Shanghai'?",
        ),
        (
            "timetable: {at: 06:30, timezone: Europe/Berlim}",
            3,
            "timetable.timezone",
            "no time zone named 'Europe/Berlim'; did you mean 'Europe/Berlin'?",
        ),
        ("timetable: {at: 06:30, timezone: ../../etc/passwd}", 3, "timetable.timezone", "no time zone named"),
        ("scope: {include: en/news}", 3, "scope.include", "did you mean '/en/news'?"),
        ("scope: {exclude: ['re:(']}", 3, "scope.exclude.0", "'(' is not a regular expression"),
        ("scope: {depth: -1}", 3, "scope.depth", "input should be greater than or equal to 0"),
        ("scope: {depth: deep}", 3, "scope.depth", "this should be a whole number (found 'deep')"),
        ("scope: {hosts: ['http://a.org/']}", 3, "scope.hosts.0", ": write example.org, or"),
        ("limits: {page_bytes: 3XB}", 3, "limits.page_bytes", "invalid size '3XB'"),
        ("keep: {requisites: 3}", 3, "keep.requisites", "this should be true or false (found 3)"),
        ("keep: yes please", 3, "keep", "this should be a mapping of keys"),
        ("addresses: [127.0.0.1/8]", 3, "addresses.0", "invalid network '127.0.0.1/8': did you mean '127.0.0.0/8'?"),
        ("ports: [70000]", 3, "ports.0", "less than or equal to 65535"),
        ("headers: {'bad name': x}", 3, "headers", "'bad name' is not a valid header name"),
        ("headers: {X: 3}", 3, "headers.X", "this should be text"),
        ("addresses: [localhost]", 3, "addresses.0", "invalid network 'localhost': write it as 127.0.0.0/8"),
        ("proxy: ftp://x.org", 3, "proxy", "invalid proxy 'ftp://x.org'"),
        ("contact: mailto:a@b.org", 3, "contact", "full URL"),
        ("login: {url: https://example.org/}", 3, "login.fields", "the key 'fields' is missing"),
    ],
)
def test_a_mistake_is_reported_with_its_line_its_key_and_the_way_out(
    more: str, line: int, key: str, sentence: str
) -> None:
    found = problem(more)

    assert (found.file, found.line, found.key) == (FILE, line, key)
    assert sentence in str(found)


def test_a_url_in_another_encoding_than_utf_8_is_invalid() -> None:
    with pytest.raises(BadUrl, match="contains bytes that are not UTF-8; write each as % and two digits"):
        check_url(b"https://example.org/\xd0\xc2/".decode(errors="surrogateescape"))


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        ("www.example.org/en/", "is not a full URL; did you mean 'https://www.example.org/en/'?"),
        ("//www.example.org/", "is not a full URL; did you mean 'https://www.example.org/'?"),
        ("http:/example.org", "is not a full URL; did you mean 'http://example.org'?"),
        ("htps://example.org/", "is not an http or https URL; did you mean 'https'?"),
        ("ftp://example.org/", "is not an http or https URL"),
        ("https://exa mple.org/", "contains a space or an invisible character"),
        ("https://example.org:99999/", ": port out of range"),
        ("https://[::1/", "invalid URL"),
        ("https://:80/", "has no host"),
        ("news", "is not a full URL; a full URL begins with https:// or http://"),
    ],
)
def test_the_error_for_an_invalid_seed_suggests_a_correction(seed: str, sentence: str) -> None:
    (found,) = problems(f"source: example\nseeds: ['{seed}']\n")

    assert (found.line, found.key) == (2, "seeds.0")
    assert sentence in str(found)


def test_all_mistakes_of_a_file_are_reported_together_in_the_order_of_lines() -> None:
    found = problems("source: Zgc Forum\nseeds: [nowhere]\nwalk: run\nkeep: {colection: x}\n")

    assert [(each.line, each.key) for each in found] == [
        (1, "source"),
        (2, "seeds.0"),
        (3, "walk"),
        (4, "keep.colection"),
    ]
    assert "e.g. 'zgc-forum'" in str(found[0])


def test_missing_keys_are_reported() -> None:
    assert [each.message for each in problems("walk: site")] == [
        "the key 'source' is missing",
        "the key 'seeds' is missing",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "seeds: ['https://user:hunter2@example.org/']",
        "seeds: ['https://example.org/']\nheaders: {Authorization: hunter2}",
        "seeds: ['https://example.org/']\nheaders: {cookie: hunter2}",
        "seeds: ['https://example.org/']\ncookies: {sid: [hunter2]}",
        "seeds: ['https://example.org/']\nproxy: http://user:hunter2@proxy.example.org:3128",
        "seeds: ['https://example.org/']\nlogin: {url: https://example.org/, fields: {password: hunter2}}",
        "seeds: ['https://example.org/']\npassword: hunter2",
        "seeds: ['https://example.org/']\nheaders: {A: {secret: NAME, value: hunter2}}",
    ],
)
def test_a_password_in_a_file_is_refused_and_never_shown(text: str) -> None:
    found = problems(f"source: example\n{text}")

    assert found
    assert "hunter2" not in "".join(f"{each} {each!r}" for each in found)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("source: a\nsource: b", 2, "duplicate key 'source'; remove one of them"),
        ("a: b: c", 1, "this is not YAML: mapping values are not allowed here; put quotes around"),
        ("source: a\n\tseeds: b", 2, "indent with spaces, not with a tab"),
        ("source: [", 1, "this is not YAML"),
        ("- source: a", None, "write a source as keys and values"),
        ("just words", None, "write a source as keys and values"),
        ("a: 1\n---\nb: 2", None, "this is not YAML"),
        ("sources: 3", 1, "this should be a list"),
        ("sources: []\nwalk: site", 2, "in a file with a list of sources, put all keys inside the list"),
        ("sources: [3]", 1, "this should be a mapping of keys"),
        ("a: \x07", None, "this is not YAML"),
        ("? [a, b]\n: c", 1, "keys should be strings"),
    ],
)
def test_a_text_that_is_not_a_source_is_reported_with_the_line_of_its_first_mistake(
    text: str, line: int | None, sentence: str
) -> None:
    told = problems(text)

    assert any(sentence in str(each) and (line is None or each.line == line) for each in told), told


def test_one_file_may_hold_several_sources() -> None:
    text = "sources:\n  - {source: a, seeds: https://a.org/}\n  - source: b\n    seeds: https://b.org/\n"

    assert [each.name for each in parse_sources(text)] == ["a", "b"]


def test_a_mistake_in_a_list_of_sources_is_reported_with_its_line() -> None:
    text = (
        "sources:\n  - {source: a, seeds: https://a.org/}\n  - source: b\n    seeds: https://b.org/\n    walc: site\n"
    )
    (found,) = problems(text)

    assert (found.line, found.key, found.suggestion) == (5, "sources.1.walc", "did you mean 'walk'?")


def test_a_name_is_used_once_in_a_file() -> None:
    text = "sources:\n  - {source: a, seeds: https://a.org/}\n  - {source: a, seeds: https://b.org/}\n"
    (found,) = problems(text)

    assert (found.line, found.message) == (3, "an earlier source in this file is also named 'a'")


@pytest.mark.parametrize("text", ["tags: [a/b]", "tags: ['']", f"tags: [{'x' * 41}]", "tags: [1]", "note: ''"])
def test_an_invalid_tag_or_note_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        source(text)


def test_tags_are_one_or_several_words_of_any_script_each_once() -> None:
    assert source("tags: ships").tags == ("ships",)
    assert source("tags: [ships, 海事, ' ships ']").tags == ("ships", "海事")
    assert source("tags: ships\nnote: Ask.").config_hash == source("").config_hash
