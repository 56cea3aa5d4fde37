"""Which URLs belong to a source."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest
from crawling.crawls import source
from hypothesis import given
from hypothesis import strategies as st

from crawler.policy.scope import OutOfScope, Scope, clean
from extractor.values.urls import normalise

SEED = "https://www.example.org/en/news/index.html"


def scope(walk: str = "site", seed: str = SEED, **facts: Any) -> Scope:
    return Scope(source(seed, walk=walk, scope=facts), [seed])


def verdict(of: Scope, url: str) -> str:
    try:
        of.page(url)
    except OutOfScope as out:
        return out.reason
    return "in"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://www.example.org/en/news/2026/a.html", "in"),
        ("http://www.example.org/en/news/a", "in"),
        ("https://www.example.org/en/", "outside"),
        ("https://www.example.org/en/newsletter", "outside"),
        ("https://example.org/en/news/a", "outside"),
        ("https://other.example/en/news/a", "outside"),
        ("https://www.example.org/en/news/../../x", "outside"),
        ("mailto:a@example.org", "no-http-url"),
        ("https://", "no-http-url"),
    ],
)
def test_a_site_is_the_directory_of_its_seed(url: str, said: str) -> None:
    assert verdict(scope(), url) == said


def test_a_listing_is_the_host_of_its_seed() -> None:
    assert verdict(scope("listing"), "https://www.example.org/2026/article") == "in"
    assert verdict(scope("listing"), "https://elsewhere.example/article") == "outside"


def test_the_items_of_a_feed_belong_to_it_on_any_host() -> None:
    assert verdict(scope("feed"), "https://elsewhere.example/article") == "in"


def test_a_single_page_is_its_seed_alone() -> None:
    assert verdict(scope("page"), SEED) == "in"
    assert verdict(scope("page"), "https://www.example.org/en/news/a") == "outside"


@pytest.mark.parametrize(
    ("include", "url", "said"),
    [
        ("/forum/", "https://www.example.org/forum/1", "in"),
        ("/forum/", "https://www.example.org/en/news/a", "outside"),
        ("/forum/", "https://other.example/forum/1", "outside"),
        ("https://blog.example/2026", "https://blog.example/2026/x", "in"),
        ("https://BLOG.example/2026", "https://blog.example/2026/x", "in"),
        (r"re:/20\d\d/", "https://any.example/2026/x", "in"),
        (r"re:/20\d\d/", "https://any.example/1999/x", "outside"),
    ],
)
def test_only_included_urls_belong(include: str, url: str, said: str) -> None:
    assert verdict(scope(include=[include]), url) == said


def test_excluded_urls_do_not_belong_even_if_they_are_included() -> None:
    assert verdict(scope(exclude=["/en/news/tag/"]), "https://www.example.org/en/news/tag/x") == "excluded"


def test_more_hosts_belong_if_they_are_named() -> None:
    of = scope(hosts=["static.example.org", "*.forum.example"])

    assert verdict(of, "https://static.example.org/x") == "in"
    assert verdict(of, "https://a.forum.example/x") == "in"
    assert verdict(of, "https://forum.example/x") == "outside"


def test_a_seed_belongs_whatever_the_rules_say() -> None:
    assert verdict(scope(exclude=["/"]), SEED) == "in"


def test_a_requisite_may_come_from_anywhere_unless_it_is_excluded() -> None:
    of = scope(exclude=["https://ads.example/"])

    assert of.requisite("https://cdn.example/a.png") == "https://cdn.example/a.png"
    with pytest.raises(OutOfScope, match="excluded"):
        of.requisite("https://ads.example/a.js")


def test_a_seed_that_moves_to_www_moves_its_scope_and_one_that_moves_away_does_not() -> None:
    of = scope(seed="http://example.org/news/")
    of.move("http://example.org/news/", "https://www.example.org/news/")
    of.move("http://example.org/news/", "https://parking.example/news/")

    assert verdict(of, "https://www.example.org/news/a") == "in"
    assert verdict(of, "https://parking.example/news/a") == "outside"


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("HTTP://Example.org:80/a/../b#top", "http://example.org/b"),
        ("http://example.org/?utm_source=x&id=7&fbclid=y", "http://example.org/?id=7"),
        ("http://example.org/a?utm_source=x", "http://example.org/a"),
        ("http://example.org/a?PHPSESSID=0123456789abcdef&t=1", "http://example.org/a?t=1"),
        ("http://example.org/a;jsessionid=AB12?x=1", "http://example.org/a?x=1"),
        ("http://example.org/t.php?sid=0123456789abcdef0123456789abcdef&t=9", "http://example.org/t.php?t=9"),
        ("http://example.org/t.php?sid=9", "http://example.org/t.php?sid=9"),
        ("http://example.org/a?b=2&a=1", "http://example.org/a?b=2&a=1"),
        ("http://example.org/a?session=spring", "http://example.org/a?session=spring"),
        ("http://example.org/a?", "http://example.org/a?"),
    ],
)
def test_only_tracking_and_session_parameters_are_removed(url: str, cleaned: str) -> None:
    assert clean(url) == cleaned


@given(st.from_regex(r"https?://[a-z]{1,8}\.example/[a-z0-9/._?&=;%-]{0,40}", fullmatch=True))
def test_cleaning_twice_is_cleaning_once_and_the_result_is_normal(url: str) -> None:
    try:
        cleaned = clean(url)
    except OutOfScope:
        return
    assert clean(cleaned) == cleaned == normalise(cleaned)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("a" * 2_100, "url-too-long"),
        ("/".join("abcdefghijklmnopqrstuvwxyz"), "path-too-deep"),
        ("img/img/img/img/x", "path-repeats"),
        ("2026/11/2026/11/11/11/x", "in"),
        ("a/b/a/b/a/b", "in"),
    ],
)
def test_endless_paths_are_recognised_by_their_shape(path: str, said: str) -> None:
    assert verdict(scope(), f"https://www.example.org/en/news/{path}") == said


def test_endless_combinations_of_filters_are_cut_off_and_forum_threads_are_not() -> None:
    of = scope()
    base = "https://www.example.org/en/news/list.php"
    filters = [verdict(of, f"{base}?sort={n}&order=a&view=b&page=1") for n in range(600)]
    threads = [verdict(of, f"{base}?t={n}&start=15") for n in range(600)]

    assert filters.count("in") == 500
    assert filters[-1] == "too-many-filters"
    assert set(threads) == {"in"}


def test_one_script_has_at_most_as_many_pages_as_a_big_forum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.policy.traps.MOST_QUERIES", 50)
    of = scope()
    said = [verdict(of, f"https://www.example.org/en/news/calendar?day={n}") for n in range(51)]

    assert said == ["in"] * 50 + ["too-many-queries"]


def test_a_calendar_ends_after_twenty_years_of_months_and_monthly_archives_do_not() -> None:
    of = scope()
    base = "https://www.example.org/en/news"
    months = [verdict(of, f"{base}/calendar/{2000 + n // 12}/{n % 12 + 1:02}/") for n in range(300)]
    queries = [verdict(of, f"{base}/events/?month={n % 12 + 1}&yr={2000 + n // 12}") for n in range(300)]
    archives = [verdict(of, f"{base}/{1990 + n // 12}/{n % 12 + 1:02}/") for n in range(300)]

    assert months == queries == ["in"] * 240 + ["calendar"] * 60
    assert set(archives) == {"in"}


def test_agendas_in_other_languages_are_calendars_and_archives_of_that_name_are_not() -> None:
    of = scope()
    base = "https://www.example.org/en/news"
    for name in ("agenda", "calendario", "日历"):
        said = [verdict(of, f"{base}/{name}/{2000 + n // 12}/{n % 12 + 1:02}/") for n in range(250)]
        assert said == ["in"] * 240 + ["calendar"] * 10
    assert {verdict(of, f"{base}/propaganda/{2000 + n // 12}/{n % 12 + 1:02}/") for n in range(250)} == {"in"}


def reading(of: Scope, query: str, signatures: Iterable[str]) -> list[str]:
    """Return what is said of URLs with this query while pages of it say these things."""
    said = []
    for n, signature in enumerate(signatures):
        url = f"https://www.example.org/en/news/a?{query.format(n=n)}"
        said.append(verdict(of, url))
        of.read(url, signature)
    return said


def test_pages_that_say_the_same_for_every_value_are_endless_and_different_ones_are_not() -> None:
    of = scope()

    assert reading(of, "tok=x{n}", ["same"] * 40) == ["in"] * 30 + ["ever-new-query"] * 10
    assert set(reading(of, "word=x{n}", [f"says {n}" for n in range(99)])) == {"in"}
    assert set(reading(of, "rarely=x{n}", [f"says {n // 29}" for n in range(290)])) == {"in"}
    assert verdict(of, "https://www.example.org/en/news/b?tok=1x") == "in"
    assert verdict(of, "https://www.example.org/en/news/a?tok=1x&more=1") == "in"
    assert verdict(of, "https://www.example.org/en/news/a") == "in"


def test_many_consecutive_numbered_pages_may_be_closed_to_us_but_not_endlessly_many() -> None:
    assert reading(scope(), "t={n}&f=2", ["closed"] * 210) == ["in"] * 200 + ["ever-new-query"] * 10


def test_urls_of_which_a_run_takes_only_the_first_are_explained() -> None:
    of = scope()
    base = "https://www.example.org/en/news"

    assert "a calendar page; a run fetches the first 240" in of.explain(f"{base}/calendar/2046/1")[1]
    assert "'rand' changes each time" in of.explain(f"{base}/a?rand=7")[1]
    assert "a run takes" not in of.explain(f"{base}/2026/1")[1] + of.explain(f"{base}/a?id=7")[1]


def test_a_parameter_that_always_changes_is_noticed_and_ids_are_not() -> None:
    of = scope()
    base = "https://www.example.org/en/news/a"
    noise = [verdict(of, f"{base}?rand={n * 7919}") for n in range(30)]
    ids = [verdict(of, f"{base}?id={n * 7919}") for n in range(30)]

    assert noise == ["in"] * 20 + ["ever-new-query"] * 10
    assert set(ids) == {"in"}


@pytest.mark.parametrize(
    "path",
    [
        "newreply.php?tid=7",
        "posting.php?mode=reply&t=7",
        "report.php?p=7",
        "ucp.php?mode=login",
        "printthread.php?t=7",
        "index.php?action=post;topic=7.0",
        "index.php?action=reporttm;topic=7.0;msg=9",
        "forum.php?mod=post&action=reply",
        "index.php?board=2.0;sort=subject",
        "viewforum.php?f=2&sk=t&sd=a",
        "forumdisplay.php?f=2&order=desc",
        "threads/a-title.7/reply",
        "posts/99/report",
        "wp-login.php",
        "a-title/?share=twitter",
        "topic/7/?do=reportComment",
        "wp-json/wp/v2/posts/7",
        "wp-json/",
    ],
)
def test_action_links_are_not_followed(path: str) -> None:
    assert verdict(scope(), f"https://www.example.org/en/news/{path}") == "action"


@pytest.mark.parametrize(
    "path",
    [
        "viewtopic.php?t=7&start=15",
        "showthread.php?t=7&page=2",
        "index.php?topic=7.20",
        "index.php?board=2.0",
        "forum.php?mod=viewthread&tid=7",
        "thread-7-1-1.html",
        "threads/a-title.7/page-2",
        "how-to-write-a-report",
        "report.php?id=7",
        "index.php?action=post&id=7",
        "list.php?share=market",
        "reply",
        "a-title?sort=date",
        "login-walls-and-the-press",
        "wp-json/wp/v2/posts?orderby=modified&per_page=100&page=2",
    ],
)
def test_ordinary_pages_are_not_action_links(path: str) -> None:
    assert verdict(scope(), f"https://www.example.org/en/news/{path}") == "in"


SLOW, TRAP = "re:https://[^/]+/(a|a)+$", "https://www.example.org/" + "a" * 40 + "!"


@pytest.mark.parametrize(("key", "said"), [("include", "outside"), ("exclude", "excluded")])
def test_a_url_whose_pattern_takes_too_long_is_left_out_and_reported(key: str, said: str) -> None:
    of = scope(**{"include": ["/"], key: [SLOW]})

    assert of.slow is None
    assert verdict(of, TRAP) == said
    assert of.slow == (
        f"in the source test, the pattern {SLOW!r} of scope.{key} takes too long for"
        f" {TRAP}; write a simpler pattern; URLs skipped so far: 1"
    )


def test_a_pattern_that_is_too_slow_repeatedly_is_not_tried_again() -> None:
    of = scope(include=[SLOW])
    for number in range(20):
        assert verdict(of, TRAP + str(number)) == "outside"
    before = time.process_time()
    for number in range(2_000):
        assert verdict(of, TRAP + str(number)) == "outside"

    assert time.process_time() - before < 20  # 200 s, if each were tried
    assert of.slow is not None
    assert of.slow.endswith(": 2020")
