"""What robots.txt, tdmrep.json and ai.txt say of the use of pages is read as their documents define it."""

from __future__ import annotations

import json

import pytest

from crawler.policy.robots import Rules, with_file
from crawler.policy.site_reservations import SiteReservations, WellKnown, of_robots, path_matches


def site_with(file: WellKnown, body: bytes) -> SiteReservations:
    """Return what a site says that has only that file."""
    return with_file(Rules("allow", "no robots.txt"), file, body).site


SIGNALS = """
# a comment: Content-Signal: ai-train=no
User-Agent: Otherbot
Content-Signal: ai-train=yes
Disallow:

User-agent: *
Content-Signal: search=yes, ai-train=no  # a remark
Content-Usage: /data/ train-ai=n
Content-Usage: /data/open/ train-ai=y
Allow: /
"""


@pytest.mark.parametrize(
    ("url", "agent", "said"),
    [
        ("https://a.example/", "Pressmark", [("robots.txt content-signal", "search=yes, ai-train=no")]),
        ("https://a.example/", "otherbot", [("robots.txt content-signal", "ai-train=yes")]),
        ("https://a.example/data/1?x", "Pressmark", [("robots.txt content-usage", "train-ai=n")]),
        ("https://a.example/data/open/1", "Pressmark", [("robots.txt content-usage", "train-ai=y")]),
    ],
)
def test_signals_of_robots_txt_are_those_of_the_group_of_the_crawler_and_of_the_longest_path(
    url: str, agent: str, said: list[tuple[str, str]]
) -> None:
    assert list(of_robots(SIGNALS).of(url, agent)) == said
    assert list(of_robots(SIGNALS.replace("Content-", "X-")).of(url, agent)) == []


def test_the_first_rule_of_tdmrep_json_that_matches_a_path_holds() -> None:
    policy = "https://a.example/policy.json"
    rules = [
        {"location": "/open/*", "tdm-reservation": 0},
        {"location": "/*.html$", "tdm-reservation": 1, "tdm-policy": policy},
        {"location": 7, "tdm-reservation": 1},
        "nonsense",
    ]
    site = site_with("/.well-known/tdmrep.json", json.dumps(rules).encode())

    assert site.of("https://a.example/open/a.html", "Pressmark") == (("tdmrep.json tdm-reservation", "0"),)
    reserved = (("tdmrep.json tdm-reservation", "1"), ("tdmrep.json tdm-policy", policy))
    assert site.of("https://a.example/b.html", "Pressmark") == reserved
    assert site.of("https://a.example/b.html?c", "Pressmark") == ()


@pytest.mark.parametrize("body", [b"", b"<html>not found", b"{}", b"[" * 100_000, b"null", b"[[[1]]]", b"\xff"])
def test_an_unreadable_tdmrep_json_says_nothing(body: bytes) -> None:
    site = site_with("/.well-known/tdmrep.json", body)
    assert site.of("https://a.example/", "Pressmark") == ()


def test_ai_txt_has_the_rules_of_robots_txt() -> None:
    site = site_with("/ai.txt", b"User-Agent: *\nDisallow: /essays/\nAllow: /\n")
    assert site.of("https://a.example/essays/1", "Pressmark") == (("ai.txt disallow", "/essays/1"),)
    assert site.of("https://a.example/news/1", "Pressmark") == ()
    page = site_with("/ai.txt", b"<!doctype html><title>Not found</title>")
    assert page.of("https://a.example/essays/1", "Pressmark") == ()


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/", "/a", True),
        ("/a", "/abc", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*.pdf$", "/x/y.pdf", True),
        ("/*.pdf$", "/x/y.pdf?z", False),
        ("/*/b/*/d", "/a/b/c/d/e", True),
        ("/*/b/*/d", "/a/c/b/d", False),
        ("/a*a$", "/a", False),
        ("*", "/", True),
        ("/" + "*a" * 5_000 + "$", "/" + "a" * 4_999, False),
    ],
)
def test_patterns_match_in_linear_time(pattern: str, path: str, matches: bool) -> None:
    assert path_matches(pattern, path) is matches
