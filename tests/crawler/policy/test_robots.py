"""What robots.txt allows (RFC 9309)."""

from __future__ import annotations

import pytest

from crawler.policy.robots import LARGEST, Robots, Rules, origin_of, product, rules_of, too_many_redirects, unreachable

ORIGIN = "https://example.org"
FORBIDS = b"User-agent: *\nDisallow: /private\nAllow: /private/open\n"


def test_a_rule_forbids_only_what_it_says() -> None:
    rules = rules_of(ORIGIN, 200, FORBIDS)

    assert rules.allow(f"{ORIGIN}/public", "Pressmark")
    assert not rules.allow(f"{ORIGIN}/private/x", "Pressmark")
    assert rules.allow(f"{ORIGIN}/private/open", "Pressmark")


def test_our_own_group_comes_before_the_group_for_all() -> None:
    rules = rules_of(ORIGIN, 200, b"User-agent: *\nDisallow: /\n\nUser-agent: pressmark\nDisallow: /x\n")

    assert rules.allow(f"{ORIGIN}/a", "Pressmark")
    assert not rules.allow(f"{ORIGIN}/x", "Pressmark")
    assert not rules.allow(f"{ORIGIN}/a", "Otherbot")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 499])
def test_no_robots_txt_forbids_nothing(status: int) -> None:
    assert rules_of(ORIGIN, status, FORBIDS).allow(f"{ORIGIN}/private", "Pressmark")


@pytest.mark.parametrize(("status", "missing"), [(400, False), (401, False), (403, False), (404, True), (410, True)])
def test_only_404_and_410_say_that_the_file_does_not_exist(status: int, missing: bool) -> None:
    refused = f"the website answered the request for {ORIGIN}/robots.txt with an error (status {status})"
    found = f"{ORIGIN}/robots.txt does not exist (status {status})" if missing else refused
    told = f"{found}, so Pressmark may fetch all pages"
    assert rules_of(ORIGIN, status, b"").reason == told


@pytest.mark.parametrize(
    "rules", [*(rules_of(ORIGIN, status, b"") for status in (429, 500, 503, 599)), unreachable(ORIGIN, "refused")]
)
def test_an_unreachable_robots_txt_forbids_everything(rules: Rules) -> None:
    assert not rules.allow(f"{ORIGIN}/", "Pressmark")
    assert "robots.txt" in rules.reason


def test_an_endlessly_redirecting_robots_txt_counts_as_missing() -> None:
    assert too_many_redirects(ORIGIN).allow(f"{ORIGIN}/", "Pressmark")


def test_what_lies_past_500_kib_is_not_read() -> None:
    long = b"User-agent: *\nDisallow: /a\n" + b"#" * LARGEST + b"\nDisallow: /b\n"
    rules = rules_of(ORIGIN, 200, long)

    assert not rules.allow(f"{ORIGIN}/a", "Pressmark")
    assert rules.allow(f"{ORIGIN}/b", "Pressmark")


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"<html>not found</html>", b"\xef\xbb\xbfUser-agent: *\nDisallow:\n"]
)
def test_invalid_lines_forbid_nothing(body: bytes) -> None:
    assert rules_of(ORIGIN, 200, body).allow(f"{ORIGIN}/x", "Pressmark")


def test_a_byte_order_mark_hides_no_rule() -> None:
    assert not rules_of(ORIGIN, 200, b"\xef\xbb\xbf" + FORBIDS).allow(f"{ORIGIN}/private", "Pressmark")


def test_the_sitemaps_of_a_robots_txt_are_in_its_order() -> None:
    named = [f"{ORIGIN}/{name}.xml" for name in ("b", "a")]
    told = "\n".join(f"Sitemap: {url}" for url in named)

    assert list(rules_of(ORIGIN, 200, told.encode()).sitemaps) == named
    assert list(rules_of(ORIGIN, 404, b"").sitemaps) == []


@pytest.mark.parametrize(("asked", "seconds"), [("5", 5.0), ("0.5", 0.5), ("9999", 300.0), ("soon", 0.0), ("-3", 0.0)])
def test_a_crawl_delay_is_honoured_up_to_five_minutes(asked: str, seconds: float) -> None:
    rules = rules_of(ORIGIN, 200, f"User-agent: *\nCrawl-delay: {asked}\n".encode())

    assert rules.delay("Pressmark") == seconds


@pytest.mark.parametrize(
    ("rules", "seconds"), [(rules_of(ORIGIN, 200, FORBIDS), 6 * 3600.0), (unreachable(ORIGIN, "refused"), 60.0)]
)
def test_rules_are_kept_for_six_hours_and_failures_for_a_minute(rules: Rules, seconds: float) -> None:
    clock = [1000.0]
    robots = Robots(lambda: clock[0])
    robots.store(ORIGIN, rules)

    clock[0] += seconds - 0.5
    assert robots.of(ORIGIN) is rules
    clock[0] += 0.5
    assert robots.of(ORIGIN) is None


def test_the_table_has_a_maximum_size() -> None:
    robots = Robots()
    for number in range(2_100):
        robots.store(f"https://h{number}.example", rules_of(ORIGIN, 404, b""))

    assert robots.of("https://h0.example") is None
    assert robots.of("https://h2099.example") is not None


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("Pressmark/0.2 (+https://library.example/bot)", "Pressmark"),
        ("Mozilla/5.0 (compatible; Foobot/2.0; +https://foo.example)", "Foobot"),
        ("Mozilla/5.0 (X11; Linux)", "Mozilla"),
        ("our-archiver", "our-archiver"),
    ],
)
def test_our_token_is_our_product(user_agent: str, token: str) -> None:
    assert product(user_agent) == token


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://example.org:8443/a/b?c#d") == "https://example.org:8443"


def test_rules_and_a_url_made_for_backtracking_get_an_answer() -> None:
    """A matcher that tries every way to match the stars would not end in a lifetime."""
    stars = "".join(f"Disallow: /{'*a' * 200}*{number}b$\n" for number in range(500))
    rules = rules_of(ORIGIN, 200, f"User-agent: *\n{stars}".encode())

    assert rules.allow(f"{ORIGIN}/{'a' * 2000}", "Pressmark")
